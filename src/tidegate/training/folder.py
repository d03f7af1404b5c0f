"""The folder of a run: what lies where, and nothing half-written."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import nn

from tidegate.errors import CheckpointError, OutputError
from tidegate.files import write_bytes
from tidegate.results.history import read_history
from tidegate.results.record import Record


@dataclass(frozen=True)
class Best(Record):
    """Where the best weights come from.

    Attributes:
        step: of the optimiser
        valid: their metrics on the validation split
    """

    step: int
    valid: dict[str, float]


_TEMPORARY = re.compile(r"\..+\.[0-9]+-[0-9]+\.tmp")
"""As ``tidegate.files`` names what it is writing."""


def _locked(handle: int) -> bool:
    """Whether the lock on an open file is ours now; systems without ``flock`` know none."""
    try:
        import fcntl
    except ImportError:
        return True
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return True  # a disk that cannot lock, as some in networks
    return True


class RunFolder:
    """Names of a run folder's files, and the few that the loop writes.

    >>> RunFolder(Path("runs/a")).history.as_posix()
    'runs/a/history.jsonl'
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.config = path / "config.toml"
        self.history = path / "history.jsonl"
        self.last = path / "checkpoints" / "last.safetensors"
        self.best = path / "checkpoints" / "best.safetensors"
        self.model = path / "model"
        self.metrics = path / "metrics.json"
        self.error_analysis = path / "error_analysis.json"
        self.samples = path / "samples.json"
        self.environment = path / "environment.json"
        self.split = path / "split.json"
        self.report = path / "report.html"
        self.lock = path / ".lock"

    def check_free(self) -> None:
        """Refuse a folder that holds something.

        Raises:
            OutputError: It exists and is not an empty folder.
        """
        try:
            free = self.is_free
        except OSError as error:
            raise OutputError(
                "the output folder cannot be read",
                where=str(self.path),
                got=error.strerror,
                hint="choose another --out",
            ) from error
        if free:
            return
        go_on = f", or go on with: tidegate train --resume {self.path}" if self.config.exists() else ""
        raise OutputError(
            "the output folder exists and is not empty"
            if self.path.is_dir()
            else "the output folder is a file",
            where=str(self.path),
            hint=f"choose another --out{go_on}",
        )

    @property
    def is_free(self) -> bool:
        """Whether a run may begin here: there is nothing, or nothing but what a run killed at once leaves."""
        return not self.path.exists() or (self.path.is_dir() and self._holds_nothing())

    def _holds_nothing(self) -> bool:
        """Whether it is empty, or holds only what a run that was killed at once leaves."""
        own = (self.last.parent, self.model)
        found = set(self.path.iterdir())
        return all(
            entry == self.lock
            or _TEMPORARY.fullmatch(entry.name)
            or (entry in own and not any(entry.iterdir()))
            for entry in found
        )

    @contextmanager
    def held(self) -> Generator[None]:
        """Keep other processes out while the block runs; a lock of the system's, which dies with its process.

        Leftovers of a process that was killed while it wrote are removed first.

        Raises:
            OutputError: Another process holds the run, or the folder cannot be written to.
        """
        made = not self.path.exists()
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            handle = os.open(self.lock, os.O_RDWR | os.O_CREAT, 0o666)
        except OSError as error:
            raise OutputError(
                "the run folder cannot be written to",
                where=str(self.path),
                got=error.strerror,
                hint="choose another folder, or change its permissions",
            ) from error
        ours = False
        try:
            ours = _locked(handle) and self._is_lock(handle)
            if not ours:
                raise OutputError(
                    "another process works on this run",
                    where=str(self.path),
                    hint="wait until it has ended, or stop it; this one has changed nothing",
                )
            self._sweep()
            yield
        finally:
            with suppress(OSError):
                if ours:
                    self.lock.unlink()
            os.close(handle)
            with suppress(OSError):
                if made:
                    self.path.rmdir()  # where nothing was written

    def _is_lock(self, handle: int) -> bool:
        """Whether an open file is still the one of this name, and not what another process has just removed."""
        try:
            return os.path.samestat(os.fstat(handle), self.lock.stat())
        except OSError:
            return False

    def _sweep(self) -> None:
        for folder in (self.path, self.last.parent, self.model):
            for left in folder.glob(".*.tmp"):
                if _TEMPORARY.fullmatch(left.name):
                    with suppress(OSError):
                        left.unlink()

    def create(self) -> None:
        """Make the folder.

        Raises:
            OutputError: It cannot be made.
        """
        try:
            self.last.parent.mkdir(parents=True, exist_ok=True)
            self.model.mkdir(exist_ok=True)
        except OSError as error:
            raise OutputError(
                "the output folder cannot be made",
                where=str(self.path),
                got=str(error),
                hint="choose another --out, or change the permissions of the folder above it",
            ) from error

    def fingerprint(self) -> str:
        """Of the configuration and the split: a checkpoint belongs to both."""
        digest = hashlib.sha256()
        for path in (self.config, self.split):
            digest.update(path.read_bytes())
        return digest.hexdigest()

    def save_best(self, network: nn.Module, best: Best) -> None:
        """Keep these weights as the best, with what was measured of them in the same file.

        Raises:
            OutputError: The file cannot be written.
        """
        weights = {name: tensor.detach().cpu().contiguous() for name, tensor in network.state_dict().items()}
        # One key only: safetensors writes several in an order that changes from run to run.
        write_bytes(self.best, save(weights, metadata={"best": json.dumps(best.to_json())}))

    def load_best(self, network: nn.Module) -> Best:
        """Put the best weights into a network.

        Raises:
            CheckpointError: The file is missing or damaged, or of another network.
        """
        try:
            with safe_open(self.best, framework="pt") as file:  # pyright: ignore[reportUnknownVariableType]
                best = Best.from_json((file.metadata() or {})["best"], str(self.best))
                weights = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - no mapping
            network.load_state_dict(weights)
            return best
        except (
            OSError,
            SafetensorError,
            KeyError,
            ValueError,
            RuntimeError,
            TypeError,
            AttributeError,
        ) as error:
            raise CheckpointError(
                "the best weights cannot be read",
                where=str(self.best),
                got=str(error),
                hint="train anew into another folder",
            ) from error

    def cut_history(self, lines: int) -> None:
        """Drop what a killed run wrote after its last checkpoint; it will be computed again.

        Raises:
            CheckpointError: There are fewer lines than the checkpoint counts.
            BundleError: One of them cannot be read.
        """
        text = self.history.read_bytes() if self.history.exists() else b""
        if text:
            write_bytes(self.history, b"".join(text.splitlines(keepends=True)[:lines]))
        kept = len(read_history(self.history))
        if kept < lines:
            raise CheckpointError(
                "the history of the run has lost lines",
                where=str(self.history),
                expected=f"{lines} lines, as the checkpoint counts them",
                got=str(kept),
                hint="put the file back, or train anew into another folder",
            )
