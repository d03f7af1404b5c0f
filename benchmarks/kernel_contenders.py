"""The layers that `kernels.py` compares, as functions to be timed, and the check that they give the same answer.

All are given time-major tensors, the order of torch and of ONNX, and batches sorted by length, longest first. What a
caller does once (packing into a PackedSequence, building a session) stays outside the time.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import onnxruntime
import torch
from kernel_onnx import onnx_model
from kernel_shapes import Shape
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence, pad_packed_sequence

from tidegate.errors import TrainingError
from tidegate.nn import dropin

TORCH = {"lstm": nn.LSTM, "gru": nn.GRU, "rnn": nn.RNN}
OURS = {"lstm": dropin.LSTM, "gru": dropin.GRU, "rnn": dropin.RNN}
NAMES = ("ours", "torch", "ort")

Answer = dict[str, Tensor]


@dataclass(frozen=True)
class Contender:
    """A layer ready to be timed: `run` is what the clock sees, `answer` makes its result comparable."""

    name: str
    run: Callable[[], object]
    answer: Callable[[object], Answer]


class Bench:
    """The weights, input and output gradient of one shape, and its contenders."""

    def __init__(self, shape: Shape) -> None:
        self.shape = shape
        torch.manual_seed(0)
        options = {"num_layers": shape.layers, "bidirectional": shape.direction == "bi"}
        self.torch_layer = TORCH[shape.cell](shape.F, shape.H, **options)
        self.our_layer = OURS[shape.cell](shape.F, shape.H, **options)
        self.our_layer.load_state_dict(self.torch_layer.state_dict())
        self.x = torch.randn(shape.T, shape.B, shape.F)
        self.d_y = torch.randn(shape.T, shape.B, shape.directions * shape.H)
        self.lengths = torch.tensor(shape.drawn_lengths()) if shape.lengths == "variable" else None

    def contenders(self) -> list[Contender]:
        if self.shape.mode == "train":
            return [self._training("ours"), self._training("torch")]
        if self.shape.mode == "step":
            return [self._step("ours"), self._step("torch"), self._step_of_ort()]
        return [self._forward("ours"), self._forward("torch"), self._forward_of_ort()]

    def _call(self, name: str, x: Tensor) -> tuple[Callable[[], Tensor], Tensor]:
        """A function that gives the output in one tensor, and the tensor that it reads."""
        if name == "ours":
            x = x.clone()
            if self.lengths is None:
                return lambda: self.our_layer(x)[0], x
            return lambda: self.our_layer(x, lengths=self.lengths)[0], x
        if self.lengths is None:
            x = x.clone()
            return lambda: self.torch_layer(x)[0], x
        packed = pack_padded_sequence(x, self.lengths)
        return lambda: self.torch_layer(packed)[0].data, packed.data

    def _forward(self, name: str) -> Contender:
        call, _ = self._call(name, self.x)

        def run() -> Tensor:
            with torch.inference_mode():
                return call()

        return Contender(name, run, lambda y: {"y": self._padded(y)})

    def _training(self, name: str) -> Contender:
        """Forward, and backward to the input and all weights.

        `torch.autograd.grad` gives the gradients as new tensors: nothing is accumulated, nothing to be zeroed.
        """
        call, x = self._call(name, self.x)
        x.requires_grad_()
        layer = self.our_layer if name == "ours" else self.torch_layer
        names, weights = zip(*layer.named_parameters(), strict=True)
        packed = name == "torch" and self.lengths is not None
        d_y = pack_padded_sequence(self.d_y, self.lengths).data if packed else self.d_y

        def run() -> tuple[Tensor, ...]:
            y = call()
            return (y, *torch.autograd.grad(y, (x, *weights), d_y))

        def answer(result: tuple[Tensor, ...]) -> Answer:
            y, d_x, *d_weights = (tensor.detach() for tensor in result)
            return {
                "y": self._padded(y),
                "gradient of x": self._padded(d_x),
                **{f"gradient of {one}": d for one, d in zip(names, d_weights, strict=True)},
            }

        return Contender(name, run, answer)

    def _forward_of_ort(self) -> Contender:
        session = _session(onnx_model(self.torch_layer, variable=self.lengths is not None), self.shape)
        feed = {"x": self.x.numpy()}
        if self.lengths is not None:
            feed["lengths"] = self.lengths.to(torch.int32).numpy()

        def answer(result: list) -> Answer:
            y = torch.from_numpy(result[0])  # (T, D, B, H)
            return {"y": y.transpose(1, 2).flatten(2)}

        return Contender("ort", lambda: session.run(["y"], feed), answer)

    def _step(self, name: str) -> Contender:
        layer = self.our_layer if name == "ours" else self.torch_layer
        zeros = torch.zeros(1, 1, self.shape.H)
        state = [(zeros, zeros) if self.shape.cell == "lstm" else zeros]

        def run() -> Tensor:
            with torch.inference_mode():
                y, state[0] = layer(self.x, state[0])
            return y

        return Contender(name, run, lambda y: {"y": y})

    def _step_of_ort(self) -> Contender:
        session = _session(onnx_model(self.torch_layer, state=True), self.shape)
        states = ["hidden", "memory"] if self.shape.cell == "lstm" else ["hidden"]
        feed = {"x": self.x.numpy(), **{name: torch.zeros(1, 1, self.shape.H).numpy() for name in states}}

        def run() -> list:
            result = session.run(None, feed)
            feed.update(zip(states, result[1:], strict=True))
            return result

        return Contender("ort", run, lambda result: {"y": torch.from_numpy(result[0]).flatten(2)})

    def _padded(self, rows: Tensor) -> Tensor:
        """Packed rows as (T, B, features) with zeros beyond the lengths; what is padded as it is."""
        if self.lengths is None or rows.dim() == 3:
            return rows
        sizes = (torch.arange(self.shape.T)[:, None] < self.lengths).sum(1)
        return pad_packed_sequence(PackedSequence(rows, sizes))[0]


def check(shape: Shape, name: str, got: Answer, expected: Answer) -> None:
    """Raise unless an answer is torch's: outputs to 1e-4, gradients to a thousandth of their largest number.

    Raises:
        TrainingError: It is not. Names the shape and the tensor.
    """
    for tensor, right in expected.items():
        error = (got[tensor] - right).abs()
        allowed = 1e-4 + 1e-4 * right.abs() if tensor == "y" else 1e-3 * right.abs().max() + 1e-5
        # `not <=`, so that a number that is not finite fails too.
        if not bool((error <= allowed).all()):
            raise TrainingError(
                f"{name} and torch disagree, so their times would compare nothing",
                where=f"{shape}: {tensor}",
                expected=f"torch's numbers, the largest {right.abs().max().item():.4g}",
                got=f"differences up to {error.max().item():.4g}",
                hint="mend the layer (or the ONNX model that stands for it), then measure with --resume",
            )


def _session(model: bytes, shape: Shape) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = shape.threads
    options.inter_op_num_threads = 1
    options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
    # Its threads may spin while a run lasts, which is the default and what it is tuned for, but not after it: they would
    # take some 25 ms of a core from the contender that is measured next.
    options.add_session_config_entry("session.intra_op.allow_spinning", "1")
    options.add_session_config_entry("session.force_spinning_stop", "1")
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
