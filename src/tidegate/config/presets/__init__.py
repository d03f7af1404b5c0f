"""Networks by name: the numbers, the parts they are made of, and the registry."""
