"""The head of a tagger that scores whole sequences of tags: a linear-chain conditional random field."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from tidegate.network.layers import Output as OutputSpec
from tidegate.nn.linear import Output
from tidegate.ops.crf.layer import IMPOSSIBLE, Transitions


class ConditionalField(Output):
    """Scores of tags at each step, and of one tag after another. Lafferty, McCallum and Pereira 2001.

    ``forward`` gives the scores of each step, as the plain head does; ``transitions`` gives the others. The functions of
    ``tidegate.ops.crf.layer`` make likelihoods and best sequences of the two.

    Args:
        features_in: F.
        spec: Its kind is ``crf``; ``symbols`` is K.

    Example:
        >>> head = ConditionalField(8, OutputSpec(1, "crf", symbols=3))
        >>> head.forbid(torch.tensor([[True, False, True]] * 3), torch.ones(3).bool(), torch.ones(3).bool())
        >>> head.transitions().between[:, 1].tolist()
        [-10000.0, -10000.0, -10000.0]
    """

    between_allowed: Tensor
    start_allowed: Tensor
    end_allowed: Tensor

    def __init__(self, features_in: int, spec: OutputSpec) -> None:
        super().__init__(features_in, spec)
        tags = spec.symbols
        self.between = nn.Parameter(torch.zeros(tags, tags))
        self.start = nn.Parameter(torch.zeros(tags))
        self.end = nn.Parameter(torch.zeros(tags))
        # They follow from the tags' scheme, which model.json holds.
        self.register_buffer("between_allowed", torch.ones(tags, tags, dtype=torch.bool), persistent=False)
        self.register_buffer("start_allowed", torch.ones(tags, dtype=torch.bool), persistent=False)
        self.register_buffer("end_allowed", torch.ones(tags, dtype=torch.bool), persistent=False)

    def forbid(self, between: Tensor, start: Tensor, end: Tensor) -> None:
        """Rule out what is false: tag j after tag i ``(K, K)``, a tag at the start ``(K,)``, one at the end ``(K,)``."""
        self.between_allowed.copy_(between)
        self.start_allowed.copy_(start)
        self.end_allowed.copy_(end)

    def transitions(self) -> Transitions:
        """The scores of one tag after another, of the first and of the last; those of impossible ones are very low."""
        return Transitions(
            self.between.masked_fill(~self.between_allowed, IMPOSSIBLE),
            self.start.masked_fill(~self.start_allowed, IMPOSSIBLE),
            self.end.masked_fill(~self.end_allowed, IMPOSSIBLE),
        )
