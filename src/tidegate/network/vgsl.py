"""Networks as one line: reading and printing VGSL, the notation of Tesseract and kraken.

``parse(render(architecture)) == architecture`` for every architecture. A string reads as exactly what it
names: ``G`` is a GRU and ``R`` a vanilla RNN. What the manuals know and Tidegate does not build is an error
that says so. ``docs/reference/vgsl.md`` is the manual.

Sources: Tesseract's "VGSL Specs" (Smith 2016) and kraken's manual, whose dialect this follows where the two
    differ.
``Bn``, ``Dl``, ``R``, ``Mg``, ``Ml``, ``Ap``, ``At``, dilation and kernels of 0 are ours.
"""

from __future__ import annotations

from tidegate.network.layers import LAYERS, Architecture, Input, Layer, Output, Parallel, Token
from tidegate.network.scanner import Scanner
from tidegate.network.unsupported import UNSUPPORTED

DEEPEST = 16
"""Blocks within blocks. More than any network has, and far from where reading them could hurt."""

TOKENS = tuple(token for layer in LAYERS if layer is not Output for token in layer.tokens())
(OUTPUT,) = Output.tokens()

BLOCKS = ("(branch branch …)", "[layer layer …]", "I")
"""What holds other layers, or none, as it is written; the rest is in ``TOKENS``."""


def parse(text: str) -> Architecture:
    """Read a VGSL string.

    Args:
        text: ``[batch,rows,columns,channels layer layer …]``; 0 rows or columns are not fixed. Spaces between
            layers may be left out. The output layer may be left out; the task adds it.

    Returns:
        The records that the string names. ``{names}`` are dropped.

    Raises:
        VgslError: The string cannot be read, or names what Tidegate does not build; with the column and what
            would be accepted there.

    Example:
        >>> parse("[1,48,0,1 Cr3,3,32 Mp2,2 S1(1x0)1,3 Lbx100 Do O1c0]").layers[3]
        Recurrence(cell='lstm', direction='both', axis='x', hidden=100, summarise=False)
        >>> parse("[1,48,0,1 Cr3,3]")
        Traceback (most recent call last):
        tidegate.errors.VgslError: ']' cannot stand here in a VGSL string
          where:    [1,48,0,1 Cr3,3]
                                   ^ column 16
          expected: a comma, then the number of channels
    """
    scanner = Scanner(text)
    scanner.skip_space()
    if not scanner.take("["):
        raise scanner.error(expected="`[`, then batch,rows,columns,channels as in [1,48,0,1 Cr3,3,32 …]")
    source = _input(scanner)
    layers = _series(scanner, (*TOKENS, OUTPUT), "]", 0)
    scanner.skip_space()
    if not scanner.done:
        raise scanner.error("there is text after the closing `]`", expected="the end of the string")
    return Architecture(source, layers)


def parse_fragment(text: str) -> tuple[Layer, ...]:
    """Read layers without an input block and an output layer, as in the key ``model.conv``.

    Raises:
        VgslError: As for ``parse``.

    Example:
        >>> parse_fragment("Cr3,3,16 Mp2,2")[1]
        Pooling(kind='max', kernel=(2, 2), stride=(2, 2))
    """
    return _series(Scanner(text), TOKENS, None, 0)


def render(architecture: Architecture) -> str:
    """The VGSL string of an architecture, in its shortest full form.

    Example:
        >>> render(parse("[1,48,0,1 Cr3,3,32,1,1 Mp2,2,2,2 Do O1c0]"))
        '[1,48,0,1 Cr3,3,32 Mp2,2 Do0.5 O1c0]'
    """
    source = architecture.input
    sizes = f"{source.batch},{source.rows or 0},{source.columns or 0},{source.channels}"
    return "[" + " ".join([sizes, *(layer.render() for layer in architecture.layers)]) + "]"


def _input(scanner: Scanner) -> Input:
    scanner.skip_space()
    batch = scanner.number("the batch size, which is not used", least=0)
    scanner.comma("rows (0: not fixed)")
    rows = scanner.number("rows (0: not fixed)", least=0)
    scanner.comma("columns (0: not fixed)")
    columns = scanner.number("columns (0: not fixed)", least=0)
    scanner.comma("channels (1 grey, 3 colour)")
    channels = scanner.number("channels (1 grey, 3 colour; 0: features of an embedding)", least=0)
    return Input(rows or None, columns or None, channels, batch)


def _series(scanner: Scanner, tokens: tuple[Token, ...], close: str | None, depth: int) -> tuple[Layer, ...]:
    """Layers one after the other, and what closes them; ``None``: the end of the string."""
    layers: list[Layer] = []
    scanner.skip_space()
    while not (scanner.done if close is None else scanner.take(close)):
        if layers and isinstance(layers[-1], Output):
            raise scanner.error(expected="`]`, since nothing can follow the output layer")
        layers += _part(scanner, tokens, close, depth)
        scanner.skip_space()
    return tuple(layers)


def _part(scanner: Scanner, tokens: tuple[Token, ...], close: str | None, depth: int) -> tuple[Layer, ...]:
    """A layer or a block. A series within a series, and the identity, are written out: they need no record."""
    place = scanner.at
    if scanner.looking_at("[") or scanner.looking_at("("):
        if depth == DEEPEST:
            raise scanner.error("blocks are nested too deeply", expected=f"at most {DEEPEST} within another")
        if scanner.take("["):
            inner = _series(scanner, TOKENS, "]", depth + 1)
            if scanner.text[place + 1 : scanner.at - 1].strip():
                return inner
            raise scanner.error("a series without layers", expected="layers, or I for the identity", at=place)
        scanner.take("(")
        return (_parallel(scanner, place, depth + 1),)
    if scanner.take("I"):
        scanner.skip_label()
        return ()
    return (_layer(scanner, tokens, close),)


def _parallel(scanner: Scanner, place: int, depth: int) -> Parallel:
    branches: list[tuple[Layer, ...]] = []
    scanner.skip_space()
    while not scanner.take(")"):
        branches.append(_part(scanner, TOKENS, ")", depth))
        scanner.skip_space()
    if not branches:
        raise scanner.error(
            "a parallel block without branches", expected="branches, as in (Lfx32 Lrx32)", at=place
        )
    return Parallel(tuple(branches))


def _layer(scanner: Scanner, tokens: tuple[Token, ...], close: str | None) -> Layer:
    for known in UNSUPPORTED:
        found = known.pattern.match(scanner.text, scanner.at)
        if found:
            raise scanner.error(
                f"`{found.group()}` is {known.meaning}: known, but not supported by Tidegate",
                hint=known.hint,
            )
    # Two letters before one, so that Gn is no GRU.
    for token in sorted(tokens, key=lambda token: -len(token.start)):
        # kraken's manual spells some of its outputs 01c59, with the digit zero.
        if scanner.take(token.start) or (token is OUTPUT and scanner.take("0")):
            return token.read(scanner)
    accepted = [*(token.form for token in tokens), *BLOCKS, *([close] if close else [])]
    raise scanner.error(expected="a layer: " + "  ".join(accepted))
