"""How many cores a helper thread may use."""

from __future__ import annotations

import os
from collections.abc import Generator
from contextlib import contextmanager

import torch
from threadpoolctl import ThreadpoolController


def one_core_here() -> None:
    """Let the calling thread compute on one core, whatever the others use.

    A thread that prepares batches would otherwise start a team of its own as large as the network's, and the two teams
    wait for each other's cores. OpenMP keeps the number for each thread; ``torch.set_num_threads`` would change it for
    matrix products of the whole process.
    """
    # torch gives each new thread the process's number at its first use; so that comes before ours.
    torch.get_num_threads()
    ThreadpoolController().select(user_api="openmp").limit(limits=1)


def spare_core() -> bool:
    """Whether the network leaves a core for a thread that prepares batches.

    A team of threads waits for its slowest member at every operation, so a thread beside a team on all cores costs more
    than it saves: with two cores, lines of digits and the preset cnn-bilstm, 110 samples/s beside and 180 in turn
    (``benchmarks/training.py``); with one thread of two cores, 159 beside, which is all that the network alone reaches.
    """
    return torch.get_num_threads() < (os.cpu_count() or 1)


@contextmanager
def torch_threads(count: int | None = None) -> Generator[None]:
    """Compute with so many threads, and afterwards with as many as before.

    Args:
        count: ``None``: what runs inside chooses for itself.

    >>> before = torch.get_num_threads()
    >>> with torch_threads(1):
    ...     torch.get_num_threads()
    1
    >>> torch.get_num_threads() == before
    True
    """
    before = torch.get_num_threads()
    try:
        if count is not None:
            torch.set_num_threads(count)
        yield
    finally:
        torch.set_num_threads(before)
