"""Layers that carry lengths, and drop-in replacements for torch's recurrent layers."""
