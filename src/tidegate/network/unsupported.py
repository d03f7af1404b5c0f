"""What the manuals of Tesseract and kraken know and Tidegate does not build, so that an error can say so."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Unsupported:
    """What the manuals know and Tidegate does not build."""

    pattern: re.Pattern[str]
    meaning: str
    hint: str


def _unsupported(pattern: str, meaning: str, hint: str) -> Unsupported:
    return Unsupported(re.compile(pattern), meaning, hint)


UNSUPPORTED = (
    _unsupported(
        r"LS(?=[0-9])", "an LSTM with a built-in softmax (Tesseract)", "write Lfx<n> and end with O1s<n>"
    ),
    _unsupported(
        r"LE(?=[0-9])",
        "an LSTM with a binary-encoded softmax (Tesseract)",
        "write Lfx<n> and end with O1s<n>",
    ),
    _unsupported(r"L2xy", "a two-dimensional LSTM (Tesseract)", "write Lbx<n> Lby<n>"),
    _unsupported(
        r"[LG][frb][xy]s?[co](?=[\[{0-9])",
        "a recurrent layer of CLSTM or ocropus (kraken)",
        "leave out the c or o",
    ),
    _unsupported(r"CT", "a transposed convolution (kraken)", "use Cr, and poolings or strides"),
    _unsupported(r"Clr(?=[{0-9])", "a convolution with leaky ReLU (kraken)", "use Cr"),
    _unsupported(r"O(\{\w+\})?2", "an answer for every pixel (Tesseract, kraken)", "use O0 or O1"),
    _unsupported(r"O(\{\w+\})?[01][slc]a", "an augmented output layer (kraken)", "leave out the a"),
    _unsupported(
        r"A(\{\w+\})?[0-2](?=,)",
        "an addition of chunks of rows, columns or samples (kraken)",
        "add channels, A3,<chunk>: lengths count columns, and chunks of these would mix true ones with padding",
    ),
    _unsupported(r"W[0-9{]", "a masking layer for pre-training (kraken)", "leave it out"),
    _unsupported(
        r"S[0-9]+,[0-9]+", "a rescaling of the image (Tesseract)", "use Mp, or a fold such as S1(1x0)1,3"
    ),
    _unsupported(r"S0\(", "a reshape of the batch (TensorFlow)", "use dimensions 1 to 3"),
    _unsupported(
        r"S[1-3]\([0-9]+x[0-9]+\)(0,|[1-3],0)",
        "a reshape into the batch (TensorFlow)",
        "use dimensions 1 to 3",
    ),
    _unsupported(r"R[xy]|Txy", "a reversed or transposed network (Tesseract)", "use Lrx, Lfy and their like"),
)
