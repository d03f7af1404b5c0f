"""What to run, as data: configurations, what each task starts from, presets, search spaces. Imports no torch."""
