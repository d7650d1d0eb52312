"""`nlpx runs list` as a leaderboard, and the commands that label, remove, clean and archive."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from nlpx.components.optimizers.adam import Adam
from tests.cli.program import Nlpx, nlpx
from tests.runs.making import couplet, make_run

__all__ = ["nlpx"]


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of runs, which is the default: two learning rates, one with two seeds."""
    monkeypatch.chdir(tmp_path)
    for name, rate, seed, value in (("a1", 0.1, 1, 3.0), ("b1", 0.2, 1, 2.0), ("b2", 0.2, 2, 2.5)):
        experiment = couplet(seed=seed, optimizer=Adam(learning_rate=rate))
        make_run(Path("runs"), name, experiment=experiment, valid={5: value}, best=5)
    return Path("runs")


def first_words(text: str) -> list[str]:
    return [line.split()[0] for line in text.splitlines()]


def test_leaderboard(nlpx: Nlpx, root: Path) -> None:
    assert first_words(nlpx("runs", "list", "--sort", "value").out) == ["run", "b1", "b2", "a1"]
    assert first_words(nlpx("runs", "list", "--sort", "value", "--reverse").out) == ["run", "a1", "b2", "b1"]
    assert nlpx("runs", "list", "--metric", "test/bleu").err.startswith(
        "there are no runs that fit; 3 do not under "
    )
    assert first_words(nlpx("runs", "list", "--since", "1h", "--metric", "nll").out) == [
        "run",
        "b2",
        "b1",
        "a1",
    ]
    assert nlpx("runs", "list", "--since", "2999-01-01").out == ""
    done = nlpx("runs", "list", "--since", "yesterday")
    assert (done.code, "expected a date such as 2026-11-30" in done.err) == (2, True)


def test_groups(nlpx: Nlpx, root: Path) -> None:
    header, best, other = nlpx("runs", "list", "--group").out.splitlines()
    assert header.split()[:5] == ["config", "task", "settings", "metric", "mean"]
    assert best.split()[1:] == ["couplet", "optimizer.learning_rate=0.2", "nll", "2.2500", "±", "3.1766", "2"]
    assert other.split()[1:] == [
        "couplet",
        "optimizer.learning_rate=0.1",
        "nll",
        "3.0000",
        "1",
        "(one",
        "seed)",
    ]
    (group,) = json.loads(nlpx("runs", "list", "--group", "--json", "--config", best.split()[0]).out)
    assert (group["runs"], group["n"]) == (["b2", "b1"], 2)
    Path("c.yaml").write_text(
        "task: couplet\noptimizer: {type: adam, learning_rate: 0.1}\n", encoding="utf-8"
    )
    assert first_words(nlpx("runs", "list", "--config", "c.yaml").out) == ["run", "a1"]


def test_labels(nlpx: Nlpx, root: Path) -> None:
    assert nlpx("runs", "tag", "couplet/a1", "论文", "baseline").out == "runs/couplet/a1: 论文 baseline\n"
    assert nlpx("runs", "tag", "a1", "--remove", "baseline").out == "runs/couplet/a1: 论文\n"
    assert nlpx("runs", "note", "a1", "学习率太小\x1b[2J").code == 0
    shown = nlpx("runs", "list", "--tag", "论文").out
    assert first_words(shown) == ["run", "a1"]
    assert "学习率太小\\x1b[2J" in shown
    assert "note         学习率太小" in nlpx("runs", "show", "a1").out


def test_names_and_notes_may_be_anything(nlpx: Nlpx, root: Path) -> None:
    done = nlpx("runs", "note", "a1", "\udcff")
    assert (done.code, "a byte that is not UTF-8" in done.err) == (2, True)
    done = nlpx("runs", "rm", "a" * 300)
    assert (done.code, "there is no run" in done.err) == (2, True)


def test_rm_restore_and_purge(nlpx: Nlpx, root: Path) -> None:
    (root / "couplet" / "b1" / "resolved.yaml").unlink()
    done = nlpx("runs", "rm", "couplet/a1", "b1")
    assert (done.code, done.out.count(" -> ")) == (0, 2)
    again = nlpx("runs", "rm", "couplet/a1")
    assert (again.code, again.out, "is already in the trash" in again.err) == (0, "", True)
    assert first_words(nlpx("runs", "list").out) == ["run", "b2"]
    assert nlpx("runs", "rm", "nothing").code == 2
    assert nlpx("runs", "restore", "a1").code == 0
    assert first_words(nlpx("runs", "list").out) == ["run", "b2", "a1"]
    assert "contains:\n  couplet/b1" in nlpx("runs", "restore", "a1").err
    dry = nlpx("runs", "purge")
    assert (dry.out.startswith("would delete "), "add --yes" in dry.err) == (True, True)
    assert nlpx("runs", "purge", "--yes").out.startswith("deleted ")
    assert nlpx("runs", "purge").err == "the trash is empty\n"


def test_a_folder_that_is_no_run_is_not_removed(nlpx: Nlpx, root: Path) -> None:
    Path("mine").mkdir()
    Path("mine", "thesis.txt").write_text("...", encoding="utf-8")
    done = nlpx("runs", "rm", "mine")
    assert (done.code, "this folder is not a run" in done.err) == (2, True)
    assert Path("mine", "thesis.txt").exists()


def test_clean_shows_first_and_asks_for_the_best(
    nlpx: Nlpx, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for step in (3, 5):
        folder = root / "couplet" / "a1" / "checkpoints" / f"step-{step:08d}"
        folder.mkdir(parents=True)
        (folder / "weights.npz").write_bytes(b"x" * 1000)
    dry = nlpx("runs", "clean")
    assert dry.out == f"would delete {folder.with_name('step-00000003')}  1.0 kB\n"
    assert dry.err == "nothing is deleted yet; add --yes to free 1.0 kB\n"
    monkeypatch.setattr("sys.stdin", io.StringIO("n\n"))
    done = nlpx("runs", "clean", "a1", "--best", "--yes")
    assert (done.code, "without it, the run cannot be used? [y/N]" in done.err) == (0, True)
    assert [path.name for path in folder.parent.iterdir()] == ["step-00000005"]
    assert nlpx("runs", "clean").err == "there is nothing to delete\n"


def test_archive(nlpx: Nlpx, root: Path) -> None:
    assert nlpx("runs", "archive", "a1").err == "nothing is done yet; add --yes\n"
    assert nlpx("runs", "archive", "couplet/a1", "--yes").code == 0
    assert first_words(nlpx("runs", "list").out) == ["run", "b2", "b1"]
