"""What a run ran on: versions, processor, threads, command. Written beside every result."""

from __future__ import annotations

import os
import platform
import sys
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch

from tidegate.ops.native_library import isa

PACKAGES = ("tidegate", "torch", "numpy", "lightning-fabric", "pillow", "kornia", "jiwer", "scikit-learn")


def environment(threads: int | None, device: str) -> dict[str, Any]:
    """Versions and machine, as JSON. No host name and no path: a report may be passed on."""
    return {
        **{package.replace("-", "_"): version(package) for package in PACKAGES},
        "python": platform.python_version(),
        "platform": platform.platform(),
        "cpu": processor(),
        "instructions": torch.backends.cpu.get_cpu_capability(),
        "recurrence_kernels": isa(),
        "cores": os.cpu_count(),
        "threads": threads or os.cpu_count(),
        "device": device,
        "command": " ".join([Path(sys.argv[0]).name, *sys.argv[1:]]),
        "started": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def processor() -> str:
    """The processor's name, as the system gives it."""
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()
