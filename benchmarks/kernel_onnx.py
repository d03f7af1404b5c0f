"""A torch layer as an ONNX model, node by node, so that no exporter decides what ONNX Runtime is given."""

from __future__ import annotations

import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import Tensor, nn

# Blocks of torch's weights in ONNX's order: LSTM input, output, forget, cell; GRU update, reset, new.
_ORDER = {"LSTM": (0, 3, 1, 2), "GRU": (1, 0, 2), "RNN": (0,)}

# The newest of both numbers that every onnxruntime of the last years reads.
_OPSET, _IR_VERSION = 14, 8


def onnx_model(layer: nn.RNNBase, *, variable: bool = False, state: bool = False) -> bytes:
    """A model that computes `layer` on time-major input.

    Args:
        layer: An LSTM, GRU or RNN with tanh, with biases and without projection.
        variable: Whether it takes ``lengths`` (B,) int32.
        state: Whether it takes and gives the state: ``hidden``, and ``memory`` of an LSTM. One layer only.

    Returns:
        The model: ``x`` (T, B, F) to ``y`` (T, D, B, H), which is ONNX's own layout; only between layers is it
        turned into (T, B, D·H), since the next one needs that. With `state` also ``hidden_out``, ``memory_out``.
    """
    kind = type(layer).__name__
    nodes, weights = list[onnx.NodeProto](), dict[str, Tensor]()
    inputs, outputs = [_value("x", 3)], [_value("y", 4)]
    if variable:
        inputs.append(helper.make_tensor_value_info("lengths", TensorProto.INT32, ["B"]))
    states = (["hidden", "memory"] if kind == "LSTM" else ["hidden"]) if state else []
    inputs += [_value(name, 3) for name in states]
    outputs += [_value(f"{name}_out", 3) for name in states]
    x = "x"
    for number in range(layer.num_layers):
        last = number == layer.num_layers - 1
        y = "y" if last else f"y{number}"
        names = [f"{name}{number}" for name in ("W", "R", "B")]
        weights.update(zip(names, _weights(layer, kind, number), strict=True))
        nodes.append(
            helper.make_node(
                kind,
                [x, *names, "lengths" if variable else "", *states],
                [y, *(f"{name}_out" for name in states)],
                hidden_size=layer.hidden_size,
                direction="bidirectional" if layer.bidirectional else "forward",
                # torch multiplies by the reset gate after the matrix product, bias included.
                **({"linear_before_reset": 1} if kind == "GRU" else {}),
            )
        )
        if not last:
            x = f"x{number + 1}"
            weights["as_rows"] = torch.tensor([0, 0, -1])
            nodes.append(helper.make_node("Transpose", [y], [f"{y}_turned"], perm=[0, 2, 1, 3]))
            nodes.append(helper.make_node("Reshape", [f"{y}_turned", "as_rows"], [x]))
    constants = [numpy_helper.from_array(one.detach().numpy(), name) for name, one in weights.items()]
    graph = helper.make_graph(nodes, kind, inputs, outputs, constants)
    opset = helper.make_opsetid("", _OPSET)
    model = helper.make_model(graph, opset_imports=[opset], ir_version=_IR_VERSION)
    return model.SerializeToString()


def _value(name: str, dimensions: int) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, [None] * dimensions)


def _weights(layer: nn.RNNBase, kind: str, number: int) -> tuple[Tensor, Tensor, Tensor]:
    """W (D, G·H, F), R (D, G·H, H) and B (D, 2·G·H) of a layer."""
    found: list[tuple[Tensor, Tensor, Tensor]] = []
    for suffix in ("", "_reverse") if layer.bidirectional else ("",):
        ordered = [
            _blocks(getattr(layer, f"{name}_l{number}{suffix}"), kind)
            for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
        ]
        found.append((ordered[0], ordered[1], torch.cat(ordered[2:])))
    w, r, b = (torch.stack(list(one)) for one in zip(*found, strict=True))
    return w, r, b


def _blocks(weight: Tensor, kind: str) -> Tensor:
    blocks = weight.detach().chunk(len(_ORDER[kind]))
    return torch.cat([blocks[place] for place in _ORDER[kind]])
