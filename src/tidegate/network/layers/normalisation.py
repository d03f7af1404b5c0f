"""Normalisation and dropout."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar, Literal

from tidegate.network.layers.layer import ACTIVATIONS, Activation, Cost, Layer, Token, letter_of
from tidegate.network.scanner import Scanner
from tidegate.network.shape import Shape, features_of


@dataclass(frozen=True)
class BatchNorm(Layer):
    """``Bn[s|t|r|l|m]``: batch normalisation over true positions only, then an optional activation."""

    title: ClassVar[str] = "batch norm"

    activation: Activation = "linear"

    @classmethod
    def tokens(cls) -> tuple[Token, ...]:
        return (Token("Bn", "Bn[s|t|r|l|m]", _read_batch_norm),)

    def render(self) -> str:
        return "Bn" + ("" if self.activation == "linear" else letter_of(ACTIVATIONS, self.activation))

    def cost(self, before: Shape, after: Shape) -> Cost:
        """A factor and a term a channel."""
        return Cost(2 * features_of(before), 0)


@dataclass(frozen=True)
class GroupNorm(Layer):
    """``Gn<groups>``: group normalisation over true positions only."""

    title: ClassVar[str] = "group norm"

    groups: int

    @classmethod
    def tokens(cls) -> tuple[Token, ...]:
        return (Token("Gn", "Gn<groups>", _read_group_norm),)

    def render(self) -> str:
        return f"Gn{self.groups}"

    def out_shape(self, shape: Shape, place: str | None = None) -> Shape:
        channels = features_of(shape)
        if channels % self.groups:
            raise self.misfit(
                f"{channels} channels cannot be put into {self.groups} equal groups",
                shape,
                place,
                f"use a number of groups that divides {channels}",
            )
        return shape

    def cost(self, before: Shape, after: Shape) -> Cost:
        """A factor and a term a channel."""
        return Cost(2 * features_of(before), 0)

    def needs_more(self) -> str | None:
        return "group normalisation takes the mean of all steps"


@dataclass(frozen=True)
class Dropout(Layer):
    """``Do[p][,dim]`` or ``Dl[p]``.

    ``plain`` drops single values, ``locked`` the same features at every position of a sequence (variational
    dropout, Gal and Ghahramani 2016), ``channel`` whole channels of an image. Kraken's networks have
    ``Do0.1,2`` between recurrent layers too: there ``channel`` is ``locked``, as ``locked`` is ``channel`` on
    an image.
    """

    title: ClassVar[str] = "dropout"

    probability: float = 0.5
    kind: Literal["plain", "locked", "channel"] = "plain"

    @classmethod
    def tokens(cls) -> tuple[Token, ...]:
        return (Token("Do", "Do[p][,1|2]", _read_dropout), Token("Dl", "Dl[p]", _read_locked_dropout))

    def render(self) -> str:
        # Decimal writes 1e-05 as 0.00001: the grammar has no exponents.
        probability = format(Decimal(repr(self.probability)), "f")
        start, end = ("Dl" if self.kind == "locked" else "Do"), (",2" if self.kind == "channel" else "")
        return f"{start}{probability}{end}"

    def sees_ahead(self) -> str | None:
        return None


def _read_batch_norm(scanner: Scanner) -> Layer:
    scanner.skip_label()
    for letter, activation in ACTIVATIONS.items():
        if scanner.take(letter):
            return BatchNorm(activation)
    return BatchNorm()


def _read_group_norm(scanner: Scanner) -> Layer:
    scanner.skip_label()
    return GroupNorm(scanner.number("the number of groups"))


def _read_dropout(scanner: Scanner) -> Layer:
    scanner.skip_label()
    probability = scanner.take_probability()
    channels = scanner.take_comma() and scanner.number("1 for single values, 2 for channels", most=2) == 2
    return Dropout(0.5 if probability is None else probability, "channel" if channels else "plain")


def _read_locked_dropout(scanner: Scanner) -> Layer:
    scanner.skip_label()
    probability = scanner.take_probability()
    return Dropout(0.5 if probability is None else probability, "locked")
