"""Which samples come into which part: how many, which by chance, and which together."""
