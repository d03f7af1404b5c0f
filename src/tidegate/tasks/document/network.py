"""A network that answers for a text: what its words look like, then any layers of VGSL down to one vector."""

from __future__ import annotations

from torch import Tensor, nn

from tidegate.models.build import build
from tidegate.models.network import Network
from tidegate.network.layers import Architecture
from tidegate.tasks.words.features import WordFeatures, WordTokens


class TextNetwork(nn.Module):
    """Word features, then the layers of an architecture.

    Args:
        architecture: An image of one row, whose channels are the features of words; ends in one output a text.
        features: What gives them.
        symbols: Classes; 1 for a value.
    """

    def __init__(
        self,
        architecture: Architecture,
        features: WordFeatures,
        symbols: int,
    ) -> None:
        super().__init__()
        self.features = features
        self.body: Network = build(architecture, symbols)

    def forward(self, tokens: WordTokens) -> Tensor:
        """Scores of the classes ``(B, K)``, or the scaled value ``(B, 1)``."""
        x = self.features(tokens)  # (B, T, F)
        image = x.transpose(1, 2)[:, :, None]  # (B, F, 1, T)
        return self.body(image, tokens.lengths)[0]
