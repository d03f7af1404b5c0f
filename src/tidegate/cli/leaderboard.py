"""The leaderboard of a study on stdout, best first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tidegate.cli.printing import number, print_table, whole

if TYPE_CHECKING:
    from tidegate.report.study.leaderboard import Leaderboard, Row


def print_leaderboard(board: Leaderboard) -> None:
    """Print arms and baselines as a table; baselines stand in brackets."""
    head = ("arm", f"{board.split} {board.primary.key}", "±", "runs", "parameters", "seconds", "samples/s")
    print_table(head, [_cells(row) for row in board.rows])


def _cells(row: Row) -> Sequence[str]:
    if row.kind == "baseline":
        return (f"({row.name})", number(row.mean), "", "", "", "", "")
    wanted = row.n + row.failed + row.interrupted
    return (
        row.name,
        number(row.mean),
        "" if row.spread is None else number(row.spread),
        f"{row.n}/{wanted}",
        whole(row.parameters),
        number(row.seconds),
        number(row.train_speed),
    )
