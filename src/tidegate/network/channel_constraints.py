"""Layers whose sizes hang on those before them: an addition cuts as many channels as its branches give."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from tidegate.errors import ConfigError
from tidegate.network.layers import Addition, GroupNorm, Layer, Parallel, Reshape


@dataclass(frozen=True)
class _Width:
    """Channels or features at one place of a network before and after its sizes changed; ``None``: not known here."""

    before: int | None
    after: int | None

    @property
    def changed(self) -> bool:
        return self.before is None or self.before != self.after


_AS_IT_CAME = _Width(0, 0)
"""What enters the network, since the data decide that, and whatever else the other sizes do not change."""


def retied(before: Sequence[Layer], after: Sequence[Layer]) -> tuple[Layer, ...]:
    """The layers with other sizes, additions cut as before: as many chunks, of the size that their branches now have.

    Args:
        before: As they were, and fitted together.
        after: The same with other sizes.

    Raises:
        ConfigError: What is to be added is not of one size any more, groups or chunks do not divide it, or its size
            cannot be known from the layers alone.

    Example:
        >>> from tidegate.network.layers import render_branch
        >>> from tidegate.network.vgsl import parse_fragment
        >>> render_branch(retied(parse_fragment("(Cr1,3,8 Cr1,1,8) A3,8"), parse_fragment("(Cr1,3,5 Cr1,1,5) A3,8")))
        '[(Cr1,3,5 Cr1,1,5) A3,5]'
    """
    return _walked(before, after, _AS_IT_CAME)[0]


def _walked(
    before: Sequence[Layer], after: Sequence[Layer], width: _Width
) -> tuple[tuple[Layer, ...], list[_Width]]:
    """Layers in series, and the widths that the last one puts side by side."""
    given = [width]
    kept: list[Layer] = []
    for old, new in zip(before, after, strict=True):
        if isinstance(old, Parallel) and isinstance(new, Parallel):
            whole = _sum(given)
            pairs = [_walked(*both, whole) for both in zip(old.branches, new.branches, strict=True)]
            new = replace(new, branches=tuple(layers for layers, _ in pairs))
            given = [_sum(widths) for _, widths in pairs]
        elif isinstance(new, Addition):
            new = replace(new, chunk=_chunk(new, given))
            given = [_Width(old.chunk if isinstance(old, Addition) else None, new.chunk)]
        else:
            _check_groups(new, _sum(given))
            given = _through(old, new, given)
        kept.append(new)
    return tuple(kept), given


def _through(old: Layer, new: Layer, given: list[_Width]) -> list[_Width]:
    if isinstance(old, Reshape):
        # How much of an axis goes into the channels is not known here.
        return [_Width(None, None) if _sum(given).changed else _AS_IT_CAME]
    own = _Width(old.features, new.features)
    return given if own.before is None else [own]


def _sum(widths: Sequence[_Width]) -> _Width:
    if len(widths) == 1:
        return widths[0]
    if not any(width.changed for width in widths):
        return _AS_IT_CAME
    if any(width is _AS_IT_CAME or width.before is None or width.after is None for width in widths):
        return _Width(None, None)
    return _Width(sum(width.before or 0 for width in widths), sum(width.after or 0 for width in widths))


def _chunk(layer: Addition, given: Sequence[_Width]) -> int:
    """The size of a chunk that keeps as many of them as there were."""
    if not any(width.changed for width in given):
        return layer.chunk
    residual = len(given) > 1 and all(width is _AS_IT_CAME or width.before == layer.chunk for width in given)
    if residual:
        sizes = [layer.chunk if width is _AS_IT_CAME else width.after for width in given]
        if len(set(sizes)) > 1:
            raise _misfit(layer, f"the sizes {', '.join(map(str, sizes))} are added", "give them one size")
        return sizes[0] or layer.chunk
    whole = _sum(given)
    if whole.before is None or whole.after is None:
        raise _misfit(
            layer, "what it adds has a size that the layers alone do not tell", "leave the sizes before it"
        )
    chunks = whole.before // layer.chunk
    if not chunks or whole.after % chunks:
        raise _misfit(
            layer, f"{whole.after} channels are cut into {chunks} chunks", f"take a multiple of {chunks}"
        )
    return whole.after // chunks


def _check_groups(layer: Layer, width: _Width) -> None:
    if isinstance(layer, GroupNorm) and width.changed and width.after and width.after % layer.groups:
        raise _misfit(
            layer,
            f"{width.after} channels are put into {layer.groups} groups",
            f"take a multiple of {layer.groups}",
        )


def _misfit(layer: Layer, what: str, hint: str) -> ConfigError:
    return ConfigError(
        f"these sizes do not fit {layer.render()}: {what}",
        where="model.units",
        hint=f"{hint}, or leave model.units out",
    )
