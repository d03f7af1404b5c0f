"""A helper thread computes on one core, and the main thread keeps its own."""

from __future__ import annotations

import threading

import pytest
import torch

from tidegate.ops.threads import one_core_here, spare_core


def test_one_core_here_is_for_the_calling_thread_only() -> None:
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    found: list[int] = []

    def work() -> None:
        one_core_here()
        torch.randn(300, 300) @ torch.randn(300, 300)
        found.append(torch.get_num_threads())

    try:
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
        assert found == [1]
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)


@pytest.mark.parametrize(("cores", "spare"), [(1, False), (2, True), (8, True)])
def test_a_core_is_spare_if_the_team_is_smaller(
    cores: int, spare: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    monkeypatch.setattr("os.cpu_count", lambda: cores)
    try:
        assert spare_core() == spare
    finally:
        torch.set_num_threads(before)
