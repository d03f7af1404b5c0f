"""Text to its next symbol, and generation."""
