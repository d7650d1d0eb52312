"""The comparison of runs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from nlpx.cli.main import run as nlpx
from nlpx.report.comparison import comparison
from nlpx.runs.directory import RunDirectory
from tests.report.pages import Page
from tests.runs.making import couplet, make_run

ROWS = 40


def _run(root: Path, name: str, off: float, *, rows: int = ROWS, **settings: object) -> RunDirectory:
    """A run whose rows have the NLL 1, 2, 3, ..., plus `off` per character."""
    size = 3
    texts = ["春花月", "秋山水"]
    nll = [(1 + place % 7) * size + off * size for place in range(rows)]
    run = make_run(
        root,
        name,
        experiment=couplet(metrics=["nll"], **settings),
        valid={100: 3.0 + off, 200: 2.0 + off},
        best=200,
        test={"nll": sum(nll) / size / rows},
    )
    stored = json.loads(run.eval_path("test").read_text(encoding="utf-8"))
    run.eval_path("test").write_text(json.dumps({**stored, "rows": rows}), encoding="utf-8")
    lines = [
        {
            "upper": texts[i % 2],
            "reference": texts[0],
            "answer": texts[1],
            "nll": x,
            "characters": size,
            "group": [],
        }
        for i, x in enumerate(nll)
    ]
    text = "".join(json.dumps(line) + "\n" for line in lines)
    run.predictions_path("test").write_text(text, encoding="utf-8")
    return run


def test_differences_are_paired(tmp_path: Path) -> None:
    runs = [_run(tmp_path, "base", 0.0), _run(tmp_path, "worse", 0.01)]
    page = Page(comparison(runs))
    assert page.loaded() == []
    assert page.sections() == ["metrics", "differences", "curves", "settings"]
    # The difference is the same in every row, so its interval is a point that excludes 0.
    assert page.said("+0.0100 +0.0100 – +0.0100")
    assert ("span", {"class": "worse"}) in page.tags


def test_runs_on_other_rows_have_no_differences(tmp_path: Path) -> None:
    runs = [_run(tmp_path, "base", 0.0), _run(tmp_path, "short", 0.5, rows=ROWS - 2)]
    page = Page(comparison(runs))
    assert "differences" not in page.sections()
    assert page.said("the runs were evaluated on different data")


def test_seeds_are_a_group(tmp_path: Path) -> None:
    runs = [_run(tmp_path, f"s{seed}", 0.1 * seed, seed=seed) for seed in (1, 2, 3)]
    runs.append(_run(tmp_path, "other", 1.0, optimizer={"type": "sgd", "learning_rate": 0.1}))
    page = Page(comparison(runs))
    assert "seeds" in page.sections()
    assert page.said("s1 (n = 3)") and page.said("other (n = 1)")
    # Means 2.1, 2.2, 2.3 + 1.75: 2.2 and t(2) * 0.1 / sqrt(3).
    assert page.said("± 0.2484")
    assert page.said("one seed")


def test_what_a_run_lacks_is_told_by_its_name(tmp_path: Path) -> None:
    runs = [_run(tmp_path, "base", 0.0), make_run(tmp_path, "bare", valid={100: 4.0}, best=100)]
    page = Page(comparison(runs))
    assert page.said("bare: there is no evaluation")
    assert page.said("test: bare is not evaluated")


def test_a_comparison_needs_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    paths = [str(_run(tmp_path, name, off).path) for name, off in (("a", 0.0), ("b", 1.0))]
    assert nlpx(["report", *paths]) == 2
    assert "Give the file to write with --output" in capsys.readouterr().err
    target = tmp_path / "compared.html"
    assert nlpx(["report", *paths, "--output", str(target)]) == 0
    assert Page(target.read_text(encoding="utf-8")).said("Comparison of 2 runs")
