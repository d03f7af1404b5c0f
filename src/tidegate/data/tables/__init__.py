"""Tables: cells, what cuts a text into them, and columns as numbers or texts."""
