"""From a model folder to answers."""
