"""One file a task: its head, loss, decoding, metrics and baselines."""
