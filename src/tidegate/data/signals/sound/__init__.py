"""Sound: files of it, and its log-mel energies."""
