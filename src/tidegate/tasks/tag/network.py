"""A network that tags words: what a word looks like, then any layers of VGSL over the sentence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from tidegate.models.build import build
from tidegate.models.network import Network
from tidegate.network.layers import Architecture
from tidegate.nn.conditional_field import ConditionalField
from tidegate.nn.embedding import Embedding
from tidegate.tasks.words.features import WordFeatures, WordTokens


@dataclass
class TagTokens(WordTokens):
    """Sentences as numbers, with what the linear part looks at.

    Attributes:
        direct: ``(B, T, D)``, a number for each template.
    """

    direct: Tensor


class DirectScores(nn.Module):
    """A score of each tag for each value of each template, summed: a linear model beside the network.

    Args:
        sizes: Values of each template.
        tags: K.
        dropout: Share of the scores of a word that are dropped in training.
    """

    offsets: Tensor

    def __init__(self, sizes: Sequence[int], tags: int, dropout: float) -> None:
        super().__init__()
        self.scores = Embedding(sum(sizes), tags)
        nn.init.zeros_(self.scores.weight)
        self.scores.given = True
        self.dropout = dropout
        offsets = torch.tensor([0, *sizes[: len(sizes) - 1]]).cumsum(0)
        self.register_buffer("offsets", offsets, persistent=False)

    def forward(self, direct: Tensor) -> Tensor:
        """``(B, T, D)`` to ``(B, T, K)``."""
        batch, time, templates = direct.shape
        places = (direct + self.offsets).view(batch * time, templates)
        if not self.training or not self.dropout:
            total = functional.embedding_bag(places, self.scores.weight, mode="sum")
        else:
            # Score by score, not template by template: each tag loses others.
            total = functional.dropout(self.scores(places), self.dropout).sum(1)
        return total.view(batch, time, -1)


class Tagger(nn.Module):
    """Word features, then the layers of an architecture; beside them, where it is asked for, a linear part.

    Args:
        architecture: An image of one row, whose channels are the features of words; ends in an output a step.
        features: What gives them.
        tags: K.
        direct: The linear part.
    """

    def __init__(
        self,
        architecture: Architecture,
        features: WordFeatures,
        tags: int,
        direct: DirectScores | None = None,
    ) -> None:
        super().__init__()
        self.features = features
        self.body: Network = build(architecture, tags)
        self.direct = direct

    @property
    def field(self) -> ConditionalField | None:
        """The conditional random field at the end, if there is one."""
        last = self.body.layers[-1]
        return last if isinstance(last, ConditionalField) else None

    def forward(self, tokens: TagTokens) -> Tensor:
        """Scores of the tags ``(B, T, K)``; beyond a sentence's end they may be anything."""
        x = self.features(tokens)  # (B, T, F)
        image = x.transpose(1, 2)[:, :, None]  # (B, F, 1, T)
        scores = self.body(image, tokens.lengths)[0]
        return scores if self.direct is None else scores + self.direct(tokens.direct)
