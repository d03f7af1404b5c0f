"""The families of presets that several tasks have, made of the numbers of each: CNNs, RNNs and CNN-RNNs of all cells."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from tidegate.config.presets.parts import convolutions, convolved_dense, dense, recurrent
from tidegate.config.presets.preset import Preset, PresetContext
from tidegate.config.presets.recipes import DenseRecipe, RecurrentRecipe
from tidegate.config.tables import ModelSpec
from tidegate.errors import ConfigError
from tidegate.network.cells import CELLS, Cell
from tidegate.network.layers import Layer
from tidegate.network.vgsl import parse_fragment

USUAL = "usual"
"""As ``model.conv`` of a recurrent preset: the convolutions that the presets ``cnn-…`` have for the task."""

CNN_KEYS = frozenset({"rows", "width", "dropout", "batch_norm"})
CELL_KEYS = frozenset({"cell", "bidirectional", "layers", "hidden", "dropout"})


def cnn_preset(recipe: DenseRecipe) -> Preset:
    """The preset ``cnn`` of a task: convolutions, then fully connected layers."""
    return Preset(
        "cnn",
        "convolutions, with batch normalisation on images",
        CNN_KEYS | {"conv"},
        partial(convolved_dense, recipe),
    )


def mlp_preset(recipe: DenseRecipe) -> Preset:
    """The preset ``mlp`` of a task."""
    return Preset(
        "mlp",
        "two fully connected layers, no convolution",
        CNN_KEYS - {"batch_norm"},
        partial(convolved_dense, recipe),
    )


def recurrent_presets(
    plain: RecurrentRecipe, convolved: RecurrentRecipe | None, *, ways: tuple[bool, ...] = (False, True)
) -> Iterator[Preset]:
    """A preset for each cell and direction, with convolutions before it (``cnn-…``) and without.

    Args:
        plain: The numbers without convolutions.
        convolved: Those with them; ``None``: the task has no such presets.
        ways: Whether they read in both directions: one, the other, or either.

    Example:
        >>> from tidegate.config.tasks.language import RNN
        >>> [preset.name for preset in recurrent_presets(RNN, None, ways=(False,))]
        ['rnn', 'lstm', 'gru', 'mingru', 'minlstm']
    """
    kinds = [("", plain, "")] if convolved is None else [
        ("cnn-", convolved, "convolutions, then "),
        ("", plain, ""),
    ]  # fmt: skip
    for prefix, recipe, before in kinds:
        for both in ways:
            for cell in CELLS.values():
                yield Preset(
                    f"{prefix}{'bi' if both else ''}{cell.word}",
                    f"{before}{_with_article(f'bidirectional {cell.title}' if both else cell.title)}",
                    CNN_KEYS | CELL_KEYS | {"conv"} | ({"pooling"} if recipe.pools else set()),
                    partial(convolved_recurrent, recipe, convolved, cell.name, both),
                )


def _with_article(name: str) -> str:
    """An abbreviation is read letter by letter.

    >>> _with_article("LSTM"), _with_article("GRU"), _with_article("minLSTM")
    ('an LSTM', 'a GRU', 'a minLSTM')
    """
    return f"{'an' if name[:2].isupper() and name[0] in 'AEFHILMNORSX' else 'a'} {name}"


def convolved_recurrent(
    recipe: RecurrentRecipe,
    usual: RecurrentRecipe | None,
    cell: Cell,
    both: bool,
    model: ModelSpec,
    context: PresetContext,
) -> tuple[Layer, ...]:
    """Convolutions, a fold where there is one, recurrent layers, and what is fully connected behind them.

    Args:
        recipe: The numbers.
        usual: Those that ``model.conv`` ``usual`` asks for.
        cell: The preset's.
        both: Whether the preset reads in both directions.
        model: The keys.
        context: The input.

    Raises:
        ConfigError: ``model.conv`` is ``usual``, and the task has no usual convolutions.
    """
    if model.conv is not None and model.conv.strip().lower() == USUAL:
        if usual is None:
            raise ConfigError(
                "this task has no usual convolutions",
                where="model.conv",
                expected="none, or VGSL",
                got=model.conv,
                hint="leave the key out",
            )
        recipe, model = usual, model.model_copy(update={"conv": None})
    return (
        *parse_fragment(recipe.stem),
        *convolutions(model, context, recipe.conv),
        *parse_fragment(recipe.fold),
        *recurrent(recipe, cell, both, model),
        *dense(model, recipe.dense),
    )
