"""What a run ran on: versions, processor, threads, command. Written beside every result."""

from __future__ import annotations

import os
import platform
import sys
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import torch

from tidegate.ops.native_library import isa
from tidegate.results.environment import Environment


def environment(threads: int | None, device: str) -> Environment:
    """Versions and machine of this process."""
    return Environment(
        tidegate=version("tidegate"),
        torch=version("torch"),
        numpy=version("numpy"),
        lightning_fabric=version("lightning-fabric"),
        pillow=version("pillow"),
        kornia=version("kornia"),
        jiwer=version("jiwer"),
        scikit_learn=version("scikit-learn"),
        python=platform.python_version(),
        platform=platform.platform(),
        cpu=processor(),
        instructions=torch.backends.cpu.get_cpu_capability(),
        recurrence_kernels=isa(),
        cores=os.cpu_count(),
        threads=threads or os.cpu_count(),
        device=device,
        command=" ".join([Path(sys.argv[0]).name, *sys.argv[1:]]),
        started=datetime.now(UTC).isoformat(timespec="seconds"),
    )


def processor() -> str:
    """The processor's name, as the system gives it."""
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()
