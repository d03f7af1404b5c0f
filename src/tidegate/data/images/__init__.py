"""Images of lines and of classes: formats, decoding, the parts of a run."""
