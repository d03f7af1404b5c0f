"""Carrying runs out: processes, workers, a cluster."""
