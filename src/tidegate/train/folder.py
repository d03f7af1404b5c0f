"""The folder of a run: what lies where, and nothing half-written."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from safetensors.torch import load_file, save
from torch import nn

from tidegate.errors import CheckpointError, OutputError
from tidegate.spec.files import read_json_lines, write_bytes, write_text


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
        self.evidence = path / "evidence.json"
        self.environment = path / "environment.json"
        self.split = path / "split.json"
        self.report = path / "report.html"

    def check_free(self) -> None:
        """Refuse a folder that holds something.

        Raises:
            OutputError: It exists and is not an empty folder.
        """
        if self.path.exists() and (not self.path.is_dir() or any(self.path.iterdir())):
            raise OutputError(
                "the output folder exists and is not empty",
                where=str(self.path),
                advice=f"choose another --out, or go on with: tidegate train --resume {self.path}",
            )

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
                "the output folder cannot be made", where=str(self.path), came=str(error)
            ) from error

    def fingerprint(self) -> str:
        """Of the configuration and the split: a checkpoint belongs to both."""
        digest = hashlib.sha256()
        for path in (self.config, self.split):
            digest.update(path.read_bytes())
        return digest.hexdigest()

    def save_best(self, network: nn.Module) -> None:
        """Keep these weights as the best."""
        write_bytes(
            self.best, save({k: v.detach().cpu().contiguous() for k, v in network.state_dict().items()})
        )

    def load_best(self, network: nn.Module) -> nn.Module:
        """Put the best weights into a network."""
        if not self.best.exists():
            raise CheckpointError("there are no best weights yet", where=str(self.best))
        network.load_state_dict(load_file(self.best))
        return network

    def read_history(self) -> list[dict[str, Any]]:
        """One entry a validation."""
        return read_json_lines(self.history) if self.history.exists() else []

    def cut_history(self, lines: int) -> None:
        """Drop what a killed run wrote after its last checkpoint; it will be computed again."""
        if not self.history.exists():
            return
        kept = self.history.read_text(encoding="utf-8").splitlines(keepends=True)[:lines]
        write_text(self.history, "".join(kept))
