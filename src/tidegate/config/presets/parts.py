"""What presets are made of: convolutions, dense and recurrent layers, as the keys of ``[model]`` change them."""

from __future__ import annotations

from tidegate.config.presets.preset import PresetContext
from tidegate.config.presets.recipes import DenseRecipe, RecurrentRecipe
from tidegate.config.tables import ModelSpec
from tidegate.network.cells import Cell
from tidegate.network.layers import (
    AttentionPooling,
    Dropout,
    Layer,
    Pooling,
    Recurrence,
)
from tidegate.network.transforms import (
    Growing,
    grown,
    widen,
    with_batch_norm,
    with_dropout,
    without_batch_norm,
)
from tidegate.network.vgsl import parse_fragment


def convolutions(model: ModelSpec, context: PresetContext, usual: Growing) -> tuple[Layer, ...]:
    """The convolutional part: what a person wrote as it stands, else the recipe's for this size; then width and norm.

    Raises:
        VgslError: ``model.conv`` cannot be read.
    """
    if model.conv is None:
        layers = dropped(model, grown(usual, (context.rows, context.columns)))
    else:
        layers = () if model.conv.strip().lower() == "none" else parse_fragment(model.conv)
    return normed(model, widened(model, layers))


def widened(model: ModelSpec, layers: tuple[Layer, ...]) -> tuple[Layer, ...]:
    """The layers, ``model.width`` times as wide."""
    return layers if model.width is None else widen(layers, model.width)


def normed(model: ModelSpec, layers: tuple[Layer, ...]) -> tuple[Layer, ...]:
    """The layers, with or without normalisation as ``model.batch_norm`` says."""
    if model.batch_norm is None:
        return layers
    return with_batch_norm(layers) if model.batch_norm else without_batch_norm(layers)


def dropped(model: ModelSpec, layers: tuple[Layer, ...]) -> tuple[Layer, ...]:
    """The layers, with dropout as ``model.dropout`` says."""
    return layers if model.dropout is None else with_dropout(layers, model.dropout)


def dense(model: ModelSpec, text: str) -> tuple[Layer, ...]:
    """The fully connected layers of a recipe, and what stands with them."""
    return dropped(model, widened(model, parse_fragment(text)))


def convolved_dense(recipe: DenseRecipe, model: ModelSpec, context: PresetContext) -> tuple[Layer, ...]:
    """A whole network of convolutions and fully connected layers."""
    return (*convolutions(model, context, recipe.conv), *dense(model, recipe.dense))


def recurrent(recipe: RecurrentRecipe, cell: Cell, both: bool, model: ModelSpec) -> tuple[Layer, ...]:
    """The recurrent layers of a recipe with dropout behind each, down to one vector where the recipe says so.

    Args:
        recipe: The numbers.
        cell: The preset's, unless ``model.cell`` names another.
        both: Whether the preset reads in both directions, unless ``model.bidirectional`` says.
        model: The keys.
    """
    both = both if model.bidirectional is None else model.bidirectional
    hidden = model.hidden or recipe.hidden
    pooling = (model.pooling or ("mean" if both else "last")) if recipe.pools else None
    summarise = recipe.summarise or pooling == "last"
    dropout = recipe.dropout if model.dropout is None else model.dropout
    number = model.layers or recipe.layers
    layers: list[Layer] = []
    for i in range(1, number + 1):
        last = i == number
        way = "both" if both else "forward"
        layers.append(Recurrence(model.cell or cell, way, recipe.axis, hidden, summarise and last))
        if last and pooling is not None:
            layers += _pooled(pooling, hidden)
        if dropout > 0:
            # The same features at every step: dropping single values of a sequence costs more, and helps less.
            single = last and (summarise or recipe.pools or recipe.state)
            layers.append(Dropout(dropout, "plain" if single else "locked"))
    return tuple(layers)


def _pooled(pooling: str, hidden: int) -> tuple[Layer, ...]:
    match pooling:
        case "mean":
            return (Pooling("average", (0, 0), (1, 1)),)
        case "max":
            return (Pooling("max", (0, 0), (1, 1)),)
        case "attention":
            return (AttentionPooling(hidden),)
        case _:
            return ()
