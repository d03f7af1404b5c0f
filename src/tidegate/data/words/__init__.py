"""Sentences of words with tags: columns, CoNLL-U, schemes, vectors, the parts of a run."""
