"""Recurrent layers as pure functions: cells, their slow reference, and the engines that run them fast."""
