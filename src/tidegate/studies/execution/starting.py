"""Starting the process of a run: anew, or as a copy of one that has imported everything already.

Importing torch takes seconds, which short runs spend again and again. So a warm process imports once, and every run is
a fork of it: a process of its own, with its own threads, memory and end, that a crash of another run does not touch.
Only Linux forks safely; elsewhere, and where the warm process does not answer, each run is started anew.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType
from typing import IO, Protocol

from tidegate.studies.execution.warm_process import HELLO, SOCKET

FORKS = sys.platform == "linux"
_EXIT = b"exit "
_PID = b"pid "
_PATIENCE_SECONDS = 120.0


class Process(Protocol):
    """What a study asks of the process of a run."""

    stdin: IO[bytes] | None
    returncode: int | None

    def poll(self) -> int | None:
        """Its exit code; ``None`` while it is alive."""
        ...

    def wait(self) -> int:
        """Wait for its end."""
        ...

    def kill(self) -> None:
        """End it at once."""
        ...


Start = Callable[[Sequence[str], Mapping[str, str], IO[bytes]], Process]
"""Starts a program with an environment and a log for what it prints."""


def start_anew(program: Sequence[str], environment: Mapping[str, str], log: IO[bytes]) -> Process:
    """Start a program.

    Raises:
        OSError: It is not there.
    """
    return subprocess.Popen(
        program, stdin=subprocess.PIPE, stdout=log, stderr=log, env=environment, start_new_session=True
    )


class Fork:
    """A copy of the warm process, by what that one writes of it.

    Args:
        stdin: Its standard input, for the job and the wish to stop.
        status: Where its number and at last its exit code come from; it ends with the process, whoever dies first.
    """

    def __init__(self, stdin: IO[bytes], status: int) -> None:
        self.stdin: IO[bytes] | None = stdin
        self.returncode: int | None = None
        self._status = status
        self._said = b""
        self._lock = threading.Lock()

    def poll(self) -> int | None:
        """Its exit code; ``None`` while it is alive."""
        with self._lock:
            with contextlib.suppress(BlockingIOError):
                self._read_until(lambda: False, wait=False)
            return self.returncode

    def wait(self) -> int:
        """Wait for its end."""
        with self._lock:
            self._read_until(lambda: False)
        assert self.returncode is not None
        return self.returncode

    def kill(self) -> None:
        """End it at once."""
        with self._lock:
            # It may have been asked for a moment ago, and its number not be known yet.
            self._read_until(lambda: self._number(_PID) is not None)
        pid = self._number(_PID)
        if self.poll() is None and pid is not None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def _read_until(self, enough: Callable[[], bool], *, wait: bool = True) -> None:
        """Read what is written of it until that is enough, or it has ended."""
        while self.returncode is None and not enough():
            os.set_blocking(self._status, wait)
            self._read()

    def _read(self) -> None:
        read = os.read(self._status, 4096)
        self._said += read
        code = self._number(_EXIT)
        if code is None and not read:
            # The warm process is gone and could not tell.
            code = -signal.SIGKILL
        if code is not None:
            self.returncode = code
            os.close(self._status)

    def _number(self, word: bytes) -> int | None:
        lines = self._said.split(b"\n")[:-1]
        return next((int(line[len(word) :]) for line in lines if line.startswith(word)), None)


class WarmProcesses:
    """Starts runs as copies of a warm process, one for each program and environment; ended with the ``with`` block."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._open: dict[tuple[object, ...], socket.socket | None] = {}
        self._processes: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> WarmProcesses:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for server in self._open.values():
            if server is not None:
                server.close()
        for process in self._processes:
            process.wait()

    def start(self, program: Sequence[str], environment: Mapping[str, str], log: IO[bytes]) -> Process:
        """Start a run.

        Raises:
            OSError: The program is not there.
        """
        with self._lock:
            server = self._server(program, environment) if FORKS else None
            fork = self._fork(server, log) if server is not None else None
        return fork or start_anew(program, environment, log)

    def _server(self, program: Sequence[str], environment: Mapping[str, str]) -> socket.socket | None:
        """The warm process of a program; ``None`` where it does not know what to do as one."""
        key = (*program, *sorted(environment.items()))
        if key not in self._open:
            ours, theirs = socket.socketpair()
            with theirs:
                process = subprocess.Popen(
                    program,
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    env={**environment, SOCKET: str(theirs.fileno())},
                    pass_fds=[theirs.fileno()],
                    start_new_session=True,
                )
            self._processes.append(process)
            warm = _answers(ours)
            if not warm:
                ours.close()
                process.kill()
            self._open[key] = ours if warm else None
        return self._open[key]

    def _fork(self, server: socket.socket, log: IO[bytes]) -> Fork | None:
        """A fork of the warm process; ``None`` where that is gone."""
        stdin, ours = os.pipe()
        said, status = os.pipe()
        try:
            socket.send_fds(server, [HELLO], [stdin, log.fileno(), status])
        except OSError:
            os.close(ours)
            os.close(said)
            return None
        finally:
            os.close(stdin)
            os.close(status)
        return Fork(os.fdopen(ours, "wb"), said)


def _answers(server: socket.socket) -> bool:
    """Whether a program is a warm process, once it has imported everything; any other one is not waited for."""
    server.settimeout(_PATIENCE_SECONDS)
    try:
        return server.recv(len(HELLO)) == HELLO
    except OSError:
        return False
    finally:
        server.settimeout(None)
