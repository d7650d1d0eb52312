"""Histograms in text."""

from __future__ import annotations

import pytest

import nlpx.cli.histogram
from nlpx.cli.histogram import NARROWEST, bars, histogram, quantile


def test_the_bars_of_all_rows() -> None:
    lines = histogram({length: length for length in range(1, 31)})
    assert len(lines) == 10
    assert [line.split()[0] for line in lines[:2]] == ["1-3", "4-6"]
    assert sum(int(line.split()[1]) for line in lines) == 465
    assert [len(line.split()[3]) for line in lines] == sorted(len(line.split()[3]) for line in lines)


@pytest.mark.parametrize("width", [20, 80, 300])
def test_bars_fit_the_terminal(monkeypatch: pytest.MonkeyPatch, width: int) -> None:
    monkeypatch.setattr(nlpx.cli.histogram, "terminal_width", lambda: width)
    first, second, third = bars([("短句", 1000), ("长", 500), ("无", 0)])
    used = 20 + first.count("█")
    assert NARROWEST <= first.count("█") <= 40
    assert used <= max(width, 20 + NARROWEST)
    assert abs(second.count("█") - first.count("█") / 2) <= 1
    assert third.endswith("0.0%")


def test_what_is_rare_has_a_bar() -> None:
    assert bars([("a", 10**6), ("b", 1)])[1].endswith("▏")


def test_quantiles() -> None:
    lengths = {1: 5, 4: 4, 100: 1}
    assert [quantile(lengths, share) for share in (0.1, 0.5, 0.9, 0.99)] == [1, 1, 4, 100]
