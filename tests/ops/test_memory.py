"""What the C library is told, and told back; in a process that ends with it."""

from __future__ import annotations

import pytest

from tidegate.ops import memory
from tidegate.ops.memory import large_blocks_kept


def test_it_is_put_back_when_the_outermost_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[tuple[int, int]] = []
    monkeypatch.setattr(memory, "_set", lambda mapped, trimmed: told.append((mapped, trimmed)))
    with large_blocks_kept():
        assert told == [(2**30, 2**31 - 1)]
        with pytest.raises(ValueError, match="x"), large_blocks_kept():
            raise ValueError("x")
        assert len(told) == 1
    assert told[1:] == [(2**25, 2**26)]
    with large_blocks_kept():
        assert len(told) == 3
