"""Text that a caller holds: one string, or several."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from tidegate.data.finding import note
from tidegate.data.memory import InMemory, described, is_array
from tidegate.data.text.documents import Text, TextListing, decode_text
from tidegate.data.text_lines import TextError
from tidegate.errors import EmptyDataError, Finding

EXPECTED = "a text, or a list of texts"


def documents_in_memory(held: InMemory) -> TextListing:
    r"""The documents: each text is one, as each file is.

    Raises:
        DataError: It is nothing of the kind.
        EmptyDataError: There is no text.

    >>> documents_in_memory(InMemory(["The tide\r\nturns.", " "])).texts
    [Text(name='text 1', text='The tide\nturns.', group='')]
    """
    value = held.value
    if isinstance(value, str):
        value = [value]
    if not isinstance(value, list | tuple) and not (is_array(value) and value.shape):
        raise held.unfit(value, EXPECTED)
    texts = list(cast(Sequence[Any], value))
    if not texts:
        raise EmptyDataError(
            "there are no texts", where=held.name, expected=EXPECTED, got="an empty sequence"
        )
    listing = TextListing()
    for index, one in enumerate(texts):
        _add(listing, held.place("text", index), one)
    return listing


def _add(listing: TextListing, name: str, one: Any) -> None:
    try:
        if not isinstance(one, str):
            raise TextError(f"is no text but {described(one)}")
        text, changed = decode_text(one.encode("utf-8", "strict"))
    except UnicodeEncodeError as error:
        listing.bad.append(Finding("error", "bad-text", name, f"is no Unicode text: {error.reason}"))
    except TextError as error:
        listing.bad.append(Finding("error", "bad-text", name, str(error)))
    else:
        listing.texts.append(Text(name, text))
        if changed:
            what = f"{changed:,} line ends of CR LF or CR were read as LF"
            listing.notes.append(note("line-ends", what, name))
