"""What to build, as data: layer records, VGSL, shapes. Imports no torch, and knows no configuration."""
