"""How weights start: a pure function of the network, the specification and a generator."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from tidegate.config.tables import InitialiseSpec
from tidegate.network.cells import CellRecord
from tidegate.network.layers import Activation
from tidegate.nn.convolution import Convolution
from tidegate.nn.embedding import Embedding
from tidegate.nn.linear import Dense, Output
from tidegate.nn.recurrent import Recurrent
from tidegate.ops.recurrence.cells import RECORDS, TORCH_MODES, RecurrentCell


@torch.no_grad()
def initialise(module: nn.Module, spec: InitialiseSpec, generator: torch.Generator) -> None:
    """Draw every weight of a network anew, in the order of its modules.

    Matrices: He normal with variance 2 / fan-in (He et al. 2015) where a ReLU follows, Xavier uniform with
    variance 2 / (fan-in + fan-out) (Glorot and Bengio 2010) elsewhere; ``scheme`` forces one of the two.
    Recurrent layers count fans gate by gate. Recurrent matrices: orthogonal, gate by gate (Saxe et al. 2014).
    Biases: zero, save an LSTM's forget gate (Jozefowicz et al. 2015) or, with ``memory``, gates whose time
        scales reach from 1 step to that (Tallec and Ollivier 2018, section 3): torch has two biases a gate, of which the
        input's takes the whole value.

    Embeddings: uniform with variance 1 / F (Ma and Hovy 2016), save those that were given vectors or zeros.
    Normalisation layers keep their ones and zeros.

    Args:
        module: The network; convolutions, dense, output and recurrent layers of ours, and torch's recurrent
            ones.
        spec: Scheme, orthogonality, forget bias, memory.
        generator: The only source of randomness, on the CPU.

    Example:
        >>> from tidegate.network.layers import Recurrence
        >>> layer = Recurrent(8, Recurrence("lstm", "forward", "x", hidden=4))
        >>> initialise(layer, InitialiseSpec(forget_bias=2), torch.Generator().manual_seed(0))
        >>> layer.bias_ih_l0[4:8]
        tensor([2., 2., 2., 2.], grad_fn=<SliceBackward0>)
    """
    if spec.scheme == "module":
        return
    for part in module.modules():
        if isinstance(part, Convolution | Dense):
            _matrix(part.weight, part.activation, spec, generator)
            nn.init.zeros_(part.bias)
        elif isinstance(part, Output):
            _matrix(part.weight, "linear", spec, generator)
            nn.init.zeros_(part.bias)
        elif isinstance(part, Embedding) and not part.given:
            bound = math.sqrt(3 / part.weight.shape[1])
            nn.init.uniform_(part.weight, -bound, bound, generator=generator)
        elif isinstance(part, Recurrent | nn.RNNBase):
            _recurrent(part, _cell(part), spec, generator)


def _matrix(weight: Tensor, activation: Activation, spec: InitialiseSpec, generator: torch.Generator) -> None:
    he = activation == "relu" if spec.scheme == "auto" else spec.scheme == "he"
    if he:
        nn.init.kaiming_normal_(weight, nonlinearity="relu", generator=generator)
    else:
        nn.init.xavier_uniform_(weight, generator=generator)


def _cell(layer: Recurrent | nn.RNNBase) -> RecurrentCell:
    if isinstance(layer, Recurrent):
        return layer.cell
    return TORCH_MODES[layer.mode]


def _recurrent(
    layer: nn.Module, cell: RecurrentCell, spec: InitialiseSpec, generator: torch.Generator
) -> None:
    record = RECORDS[cell]
    gates = record.gates
    for name, parameter in layer.named_parameters(recurse=False):
        if name.startswith("bias"):
            nn.init.zeros_(parameter)
            if name.startswith("bias_ih") and "forget" in gates:
                _gate(parameter, gates, "forget").fill_(spec.forget_bias)
            if name.startswith("bias_ih") and spec.memory is not None:
                _remember(parameter, record, spec.memory, generator)
            continue
        for block in parameter.chunk(len(gates) if name.startswith(("weight_ih", "weight_hh")) else 1):
            if name.startswith("weight_hh") and spec.orthogonal:
                nn.init.orthogonal_(block, generator=generator)
            else:
                _matrix(block, "relu" if cell == "elman-relu" else "linear", spec, generator)


def _remember(bias: Tensor, record: CellRecord, longest: int, generator: torch.Generator) -> None:
    """Each unit holds on for its own number of steps, drawn from 1 to ``longest - 1``."""
    signs = {gate: sign for gate, sign in ((record.keeps, 1), (record.writes, -1)) if gate is not None}
    if not signs:
        return
    steps = torch.empty(len(bias) // len(record.gates)).uniform_(1, longest - 1, generator=generator)
    for gate, sign in signs.items():
        _gate(bias, record.gates, gate).copy_(sign * steps.log())


def _gate(bias: Tensor, gates: tuple[str, ...], gate: str) -> Tensor:
    return bias.chunk(len(gates))[gates.index(gate)]
