"""From a specification to a module."""
