"""Products by either library, against float64."""

from __future__ import annotations

import pytest
import torch

from tidegate.ops import product as module
from tidegate.ops.product import LEAST, product


@pytest.mark.parametrize("onednn", [False, True])
@pytest.mark.parametrize(
    ("rows", "inner", "columns"), [(256, 64, 96), (1, 2048, 1024), (300, 7, 513), (3, 2, 1), (0, 5, 4)]
)
@pytest.mark.parametrize("turned", [False, True])
def test_both_libraries_agree_with_float64(
    monkeypatch: pytest.MonkeyPatch, onednn: bool, rows: int, inner: int, columns: int, turned: bool
) -> None:
    monkeypatch.setattr(module, "_by_onednn", lambda: onednn)
    generator = torch.Generator().manual_seed(rows + inner)
    left = (
        torch.randn(inner, rows, generator=generator).t()
        if turned
        else torch.randn(rows, inner, generator=generator)
    )
    right = torch.randn(inner, columns, generator=generator).t()
    result = product(left, right if turned else right.contiguous())
    wanted = left.double() @ right.double().t()
    assert result.is_contiguous() and result.shape == (rows, columns)
    torch.testing.assert_close(result.double(), wanted, rtol=1e-5, atol=1e-5 * inner**0.5)


def test_the_choice_hangs_on_the_processor_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    for maker, wanted in (("vendor_id : GenuineIntel", False), ("vendor_id : AuthenticAMD", True)):
        module._by_onednn.cache_clear()
        monkeypatch.setattr(module, "_processor", lambda maker=maker: maker)
        possible = torch.backends.mkldnn.is_available() and module.platform.machine() in ("x86_64", "AMD64")
        assert module._by_onednn() is (wanted and possible)
    module._by_onednn.cache_clear()


def test_double_precision_stays_with_torch() -> None:
    left = torch.ones(1024, 1024, dtype=torch.float64)
    assert left.numel() * 1024 > LEAST and product(left, left)[0, 0] == 1024
