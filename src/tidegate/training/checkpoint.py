"""The whole state of a run in one file, without pickle: tensors and a JSON header, in safetensors.

The file is written beside its place and renamed, so whoever is killed while writing leaves the one before.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor, nn
from torch.optim import Optimizer

from tidegate.border import reason
from tidegate.errors import BundleError, CheckpointError
from tidegate.files import write_bytes
from tidegate.results.record import Record
from tidegate.tasks.contract import Carried, place_of
from tidegate.training.progress import Progress

HEADER = "run"
"""Where safetensors' metadata, which are texts, keep the rest."""
Scalars = dict[str, int | float | bool | None]
"""What an optimiser knows of a parameter besides tensors."""


@dataclass(frozen=True)
class OptimiserState(Record):
    """What an optimiser's state holds besides tensors.

    Attributes:
        groups: of parameters, with their settings, as torch has them
        scalars: of each parameter, by its number
    """

    groups: list[dict[str, Any]]
    scalars: Mapping[str, Scalars]


@dataclass(frozen=True)
class Header(Record):
    """What a checkpoint holds besides tensors.

    Attributes:
        fingerprint: of the configuration and the split
        progress: how far the run is
        optimiser: its state
    """

    fingerprint: str
    progress: Progress
    optimiser: OptimiserState


@dataclass
class Stateful:
    """The things whose state a checkpoint holds.

    Attributes:
        network: Its weights.
        optimiser: Its moments.
        average: The moving average of the weights, where there is one.
        carried: What the last batch handed on to the next.
    """

    network: nn.Module
    optimiser: Optimizer
    average: nn.Module | None
    carried: Carried = ()


def own_state(state: Stateful) -> dict[str, Tensor]:
    """What each of several processes has for itself: its random numbers, and what it carries on."""
    tensors = {f"carried.{number}": tensor for number, tensor in enumerate(state.carried)}
    tensors["random.cpu"] = torch.get_rng_state()
    if torch.cuda.is_available():
        tensors["random.cuda"] = torch.cuda.get_rng_state()
    return {name: tensor.cpu() for name, tensor in tensors.items()}


def save_checkpoint(
    path: Path,
    state: Stateful,
    progress: Progress,
    fingerprint: str,
    own: Sequence[Mapping[str, Tensor]] = (),
) -> None:
    """Write everything that a run needs to go on as if it had never stopped.

    Args:
        path: The file.
        state: Network, optimiser, average.
        progress: The rest.
        fingerprint: Of the configuration and the split; loading checks it.
        own: What each process has for itself, in the order of ranks; default: this one's.

    Raises:
        OutputError: The file cannot be written.
    """
    tensors = {f"network.{name}": tensor for name, tensor in state.network.state_dict().items()}
    if state.average is not None:
        tensors |= {f"average.{name}": tensor for name, tensor in state.average.state_dict().items()}
    optimiser_tensors, optimiser_rest = _flatten_optimiser(state.optimiser)
    tensors |= optimiser_tensors
    for rank, of_rank in enumerate(own or [own_state(state)]):
        tensors |= {f"{_of_rank(rank)}{name}": tensor for name, tensor in of_rank.items()}
    header = Header(fingerprint, progress, optimiser_rest)
    metadata = {HEADER: json.dumps(header.to_json())}
    write_bytes(path, save({name: _own(tensor) for name, tensor in tensors.items()}, metadata=metadata))


def _of_rank(rank: int) -> str:
    """Where a process's own tensors stand; a single process has no number."""
    return f"process.{rank}." if rank else ""


def _own(tensor: Tensor) -> Tensor:
    """A dense copy on the CPU: safetensors takes neither views that share memory nor odd strides."""
    return tensor.detach().to("cpu", copy=True).contiguous()


def _flatten_optimiser(optimiser: Optimizer) -> tuple[dict[str, Tensor], OptimiserState]:
    state = optimiser.state_dict()
    tensors: dict[str, Tensor] = {}
    scalars: dict[str, Scalars] = {}
    for number, entries in state["state"].items():
        for name, value in entries.items():
            if isinstance(value, Tensor):
                tensors[f"optimiser.{number}.{name}"] = value
            else:
                scalars.setdefault(str(number), {})[name] = value
    return tensors, OptimiserState(state["param_groups"], scalars)


def load_checkpoint(path: Path, state: Stateful, fingerprint: str, rank: int = 0) -> Progress:
    """Bring network, optimiser, average and random numbers back to where they were.

    Args:
        path: The file.
        state: What takes them.
        fingerprint: As it was saved.
        rank: Of this process.

    Raises:
        CheckpointError: The file is missing, damaged, or of another run.
    """
    tensors, header = _read(path)
    if header.fingerprint != fingerprint:
        raise CheckpointError(
            "the checkpoint belongs to another configuration or other data",
            where=str(path),
            expected="the config.toml and data that the run began with",
            hint="put them back, or train anew into another folder",
        )
    try:
        _put_back(tensors, header, state, rank)
    except Exception as error:  # another network, optimiser or machine; torch raises what it happens to meet
        raise CheckpointError(
            "the checkpoint does not fit the run",
            where=str(path),
            expected="the state of this network and its optimiser, as this version of Tidegate writes it",
            got=reason(error),
            hint="put the file back as it was, or train anew into another folder",
        ) from error
    return header.progress


def _put_back(tensors: dict[str, Tensor], header: Header, state: Stateful, rank: int) -> None:
    state.network.load_state_dict(_under(tensors, "network."))
    if state.average is not None:
        state.average.load_state_dict(_under(tensors, "average."))
    state.optimiser.load_state_dict(_unflatten_optimiser(tensors, header.optimiser))
    own = _under(tensors, f"process.{rank}.") if rank else tensors
    carried = _under(own, "carried.")
    state.carried = tuple(
        carried[str(number)].to(place_of(state.network)[0]) for number in range(len(carried))
    )
    torch.set_rng_state(own["random.cpu"])
    if "random.cuda" in own and torch.cuda.is_available():
        torch.cuda.set_rng_state(own["random.cuda"])


def _read(path: Path) -> tuple[dict[str, Tensor], Header]:
    try:
        with safe_open(path, framework="pt") as file:  # pyright: ignore[reportUnknownVariableType]
            header = Header.from_json((file.metadata() or {})[HEADER], str(path))
            return {name: file.get_tensor(name) for name in file.keys()}, header  # noqa: SIM118 - no mapping
    except (OSError, SafetensorError, KeyError, BundleError, ValueError, RuntimeError) as error:
        raise CheckpointError(
            "the checkpoint cannot be read",
            where=str(path),
            got=str(error),
            hint="resume a run that was stopped after its first checkpoint, or train anew",
        ) from error


def _under(tensors: Mapping[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {name.removeprefix(prefix): tensor for name, tensor in tensors.items() if name.startswith(prefix)}


def _unflatten_optimiser(tensors: Mapping[str, Tensor], rest: OptimiserState) -> dict[str, Any]:
    state: dict[int, dict[str, object]] = {
        int(number): dict(values) for number, values in rest.scalars.items()
    }
    for name, tensor in _under(tensors, "optimiser.").items():
        number, key = name.split(".", 1)
        state.setdefault(int(number), {})[key] = tensor
    return {"state": state, "param_groups": rest.groups}
