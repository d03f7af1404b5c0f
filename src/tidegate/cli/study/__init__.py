"""``tidegate study``: what is asked for, how far it is, and what it found, on a terminal."""
