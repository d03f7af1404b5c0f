"""The sections of a study's report."""
