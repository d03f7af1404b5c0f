"""The command line: a file a verb; each parses, calls one function of the rooms below, and prints.

Verbs import torch, pydantic and the rooms below inside their functions, so that ``tidegate --help`` is quick.
"""

from tidegate.cli.app import main

__all__ = ["main"]
