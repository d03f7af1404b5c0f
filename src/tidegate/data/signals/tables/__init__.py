"""Tables of signals: what columns are, a table a sequence, a table of many, a table beside files."""
