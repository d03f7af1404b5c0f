"""Running text: documents, tokens, vocabularies, the parts of a run."""
