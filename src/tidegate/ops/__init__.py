"""Pure functions on tensors: recurrence, CTC, lengths."""
