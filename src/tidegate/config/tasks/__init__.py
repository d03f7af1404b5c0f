"""A file a task: the table of its settings, its defaults, its presets and what trials of a study try."""
