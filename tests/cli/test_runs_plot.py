"""`nlpx runs plot`."""

from __future__ import annotations

from pathlib import Path

import pytest

from nlpx.cli.main import run as nlpx
from tests.cli.test_terminal import on_a_terminal
from tests.runs.making import make_run


def test_loss_and_monitor_are_drawn(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = make_run(tmp_path, "对联", valid={100: 5.0, 200: 4.25}, best=200)
    assert nlpx(["runs", "plot", str(run.path)]) == 0
    out = capsys.readouterr().out
    assert "\x1b" not in out
    lines = out.splitlines()
    assert lines[0] == "train/loss"
    assert "valid/nll" in lines
    assert lines[-1] == "  ⠒⠒ 对联  last 4.25, lowest 4.25, highest 5"


def test_runs_are_overlaid(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    paths = [
        str(make_run(tmp_path, name, valid={100: nll, 200: nll - 1}, best=200).path)
        for name, nll in (("x", 5.0), ("y", 3.0))
    ]
    assert nlpx(["runs", "plot", *paths, "--metric", "nll"]) == 0
    out = capsys.readouterr().out
    assert "  a x  last 4, lowest 4, highest 5\n  b y  last 2, lowest 2, highest 3\n" in out
    assert "train/loss" not in out


@pytest.mark.parametrize(
    ("metric", "advice"),
    [
        ("valid/nl", "did you mean valid/nll?"),
        ("accuracy", "recorded are train/loss, valid/nll."),
    ],
)
def test_an_unknown_metric(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], metric: str, advice: str
) -> None:
    run = make_run(tmp_path, valid={100: 5.0}, best=100)
    assert nlpx(["runs", "plot", str(run.path), "--metric", metric]) == 2
    assert f"--metric {metric}: no such number is recorded; {advice}" in capsys.readouterr().err


def test_nothing_is_recorded(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = make_run(tmp_path, "empty", status="failed")
    assert nlpx(["runs", "plot", str(run.path)]) == 2
    assert "empty: nothing is recorded yet" in capsys.readouterr().err


def test_a_terminal_shows_colours_in_its_width(tmp_path: Path) -> None:
    run = make_run(tmp_path, valid={100: 5.0, 200: 4.25}, best=200)
    shown = on_a_terminal(tmp_path, "runs", "plot", str(run.path))
    assert "\x1b[34m" in shown
    assert "\x1b" not in on_a_terminal(tmp_path, "runs", "plot", str(run.path), NO_COLOR="1")
