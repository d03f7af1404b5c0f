"""The loop, optimiser, schedule, checkpoints and resuming. Knows no task by name."""
