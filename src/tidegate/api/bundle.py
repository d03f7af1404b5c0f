"""The model folder: ``model.safetensors`` (weights) and ``model.json`` (everything else). Loading runs no code."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save
from torch import nn

from tidegate.config.run import RunSpec
from tidegate.errors import BundleError
from tidegate.files import write_bytes
from tidegate.results.model import ModelDescription
from tidegate.tasks.contract import Problem
from tidegate.tasks.registry import task_named

SHOWN = 6
"""Lines of another library's message that an error repeats, at most."""


@dataclass(frozen=True)
class Bundle:
    """A trained network, and what is needed to ask it."""

    network: nn.Module
    problem: Problem
    spec: RunSpec


def save_bundle(folder: Path, bundle: Bundle) -> None:
    """Write a model folder.

    Raises:
        OutputError: A file cannot be written.
    """
    weights = {
        name: tensor.detach().cpu().contiguous() for name, tensor in bundle.network.state_dict().items()
    }
    write_bytes(folder / "model.safetensors", save(weights, metadata={"format": "1"}))
    description = ModelDescription(
        task=bundle.problem.task, problem=bundle.problem.to_json(), spec=bundle.spec.model_dump(mode="json")
    )
    description.write(folder / "model.json")


def load_bundle(folder: Path) -> Bundle:
    """Read a model folder.

    Raises:
        BundleError: A file is missing, damaged, or of another format.
    """
    path = folder / "model.json"
    if not path.is_file():
        raise BundleError(
            "there is no readable model here",
            where=str(path),
            got="nothing",
            hint="give a run folder whose training has ended; one that was killed goes on with: "
            "tidegate train --resume RUN",
        )
    try:
        description = ModelDescription.read(path)
        spec = RunSpec.model_validate(description.spec)
        problem = task_named(description.task).restore(description.problem, spec)
        network = problem.network()
        weights = load_file(folder / "model.safetensors")
        network.to(next((w.dtype for w in weights.values() if w.is_floating_point()), torch.float32))
        network.load_state_dict(weights)
    except (
        OSError,
        SafetensorError,
        LookupError,
        TypeError,
        AttributeError,
        ValueError,
        RuntimeError,
    ) as error:
        # ValueError: of pydantic, and every TidegateError about a description or a specification.
        raise BundleError(
            "the model cannot be loaded",
            where=str(folder),
            expected="the model.json and model.safetensors that one run wrote",
            got=_reason(error),
            hint="copy the whole model folder again, or train again",
        ) from error
    network.eval()
    return Bundle(network, problem, spec)


def _reason(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    more = [f"… and {len(lines) - SHOWN} lines more"] if len(lines) > SHOWN else []
    return "\n".join([f"{type(error).__name__}: {lines[0] if lines else ''}", *lines[1:SHOWN], *more])
