"""The tables of results in Chinese are those of the English page, and a page that differs is reported."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture
def results(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    monkeypatch.delitem(sys.modules, "results", raising=False)
    monkeypatch.setattr(sys, "argv", ["benchmarks/results.py", "--check"])
    return __import__("results")


def test_the_page_is_up_to_date(results: Any) -> None:
    results.main()


def test_figures_code_and_names_stay(results: Any) -> None:
    texts = results.Chinese({"`nlpx eval RUN`, two seeds": "`nlpx eval RUN`，两个种子"})
    table = "| | nll | `words` |\n|---|---|---|\n| `nlpx eval RUN`, two seeds | 5.753 | **2** |\n| of one core | | |\n"
    assert results.translated(table, texts).splitlines() == [
        "| | nll | `words` |",
        "|---|---|---|",
        "| `nlpx eval RUN`，两个种子 | 5.753 | **2** |",
        "| of one core | | |",
    ]
    assert list(texts.missing) == ["of one core"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("5.753", "5.754"), r"RESULTS\.zh-CN\.md is not up to date\. Run: python benchmarks/results\.py"),
        (
            ("| 1,000 |", "\n| 1,000 |"),
            r"RESULTS\.zh-CN\.md has \d+ tables, the English page \d+: write a line",
        ),
    ],
)
def test_a_page_that_differs_is_reported(
    results: Any, change: tuple[str, str], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = tmp_path / "RESULTS.zh-CN.md"
    page.write_text(results.CHINESE.read_text(encoding="utf-8").replace(*change, 1), encoding="utf-8")
    monkeypatch.setattr(results, "CHINESE", page)
    for module in ("results", "program"):
        monkeypatch.setattr(f"{module}.ROOT", tmp_path)
    with pytest.raises(SystemExit, match=message):
        results.main()
