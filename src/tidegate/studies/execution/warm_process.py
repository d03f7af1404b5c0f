"""The warm process of a study: it has imported what runs need, and forks one of them whenever it is asked to."""

from __future__ import annotations

import contextlib
import gc
import os
import socket
from importlib import import_module

SOCKET = "TIDEGATE_WARM_SOCKET"
"""The variable that tells a worker to be a warm process, and the number of its socket."""
HELLO = b"warm"
_POLL_SECONDS = 0.02
# Which a run imports late, and most runs do.
_USED = ("sklearn.metrics", "tidegate.report.run_page")
_HANDED = 3


def fork_when_asked(number: int) -> bool:
    """Fork at every message with the standard input, the log and the status of a run, until the study is gone.

    Args:
        number: Of the socket.

    Returns:
        Whether this is a fork, which now is to do its job; ``False``: the study is gone.
    """
    _import_everything()
    # What is there now stays: forks need not look through it for garbage, which would copy its memory.
    gc.collect()
    gc.freeze()
    server = socket.socket(fileno=number)
    server.set_inheritable(False)
    server.sendall(HELLO)
    server.settimeout(_POLL_SECONDS)
    alive: dict[int, int] = {}
    while True:
        _bury(alive)
        try:
            message, handed, _, _ = socket.recv_fds(server, len(HELLO), _HANDED)
        except TimeoutError:
            continue
        except OSError:
            return False
        if len(handed) < _HANDED:
            if not message:
                return False
            continue
        stdin, log, status = handed
        pid = os.fork()
        if pid == 0:
            server.close()
            # Whoever holds another run's status keeps the study waiting for its end.
            for other in alive.values():
                os.close(other)
            os.setsid()
            for theirs, own in ((stdin, 0), (log, 1), (log, 2)):
                os.dup2(theirs, own)
            os.close(stdin)
            os.close(log)
            os.set_inheritable(status, False)
            return True
        os.close(stdin)
        os.close(log)
        _say(status, f"pid {pid}")
        alive[pid] = status


def _import_everything() -> None:
    """What every run imports; where something is broken, the run says so, since it has a log."""
    with contextlib.suppress(Exception):
        # The names of tidegate.api are imported when they are first used.
        _ = import_module("tidegate.api").train
        for name in _USED:
            import_module(name)
        import_module("tidegate.report.page").read_templates()


def _bury(alive: dict[int, int]) -> None:
    """Tell how runs ended."""
    while alive:
        pid, ended = os.waitpid(-1, os.WNOHANG)
        if not pid:
            return
        status = alive.pop(pid, None)
        if status is not None:
            _say(status, f"exit {os.waitstatus_to_exitcode(ended)}")
            os.close(status)


def _say(status: int, text: str) -> None:
    # The study may be gone.
    with contextlib.suppress(BrokenPipeError):
        os.write(status, f"{text}\n".encode())
