"""Words and numbers as a report writes them."""
