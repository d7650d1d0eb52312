"""What an export does with differences, and where it cannot be written."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from nlpx.errors import EnvironmentProblem, NlpxError
from nlpx.workflow.export import export_bundle, refuse_unexportable
from nlpx.workflow.model import OpenModel
from tests.tasks.conftest import Command, nlpx
from tests.tasks.test_bundle_files import TEXT, model, run
from tests.trained import Trained

__all__ = ["model", "nlpx", "run"]


def test_the_command(run: Trained, nlpx: Command, tmp_path: Path) -> None:
    shown = nlpx("export", run.path, "--to", "bundle", "--output", tmp_path / "b", "--json")
    found = json.loads(shown.out)
    assert (shown.code, found["file"], found["texts"] > 5) == (0, str(tmp_path / "b"), True)
    again = nlpx("export", run.path, "--to", "bundle", "--output", tmp_path / "b")
    assert (again.code, "already exists" in again.text) == (2, True)
    for command in ("export", "probe"):
        extra = ("--list",) if command == "probe" else ()
        refused = nlpx(command, tmp_path / "b", *extra)
        assert (refused.code, "this is a bundle" in refused.text) == (2, True)
    other = nlpx("predict", tmp_path / "b", "--text", "我", "--checkpoint", "last")
    assert (other.code, "contains step" in other.text) == (2, True)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["b"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda bias: bias[::-1], r"predicts \{'words': .*for '.*expected \{'words'"),
        (lambda bias: bias + 0.1, "gives other scores of the graph scores"),  # the same decisions
    ],
)
def test_a_difference_is_an_error(
    model: OpenModel,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    change: Callable[[np.ndarray], np.ndarray],
    message: str,
) -> None:
    """Other weights: the graph is converted, then the run changes."""
    head = model.learner.model.head.dense.bias
    old = head.numpy()

    def changed(*arguments: object) -> list[object]:
        head.assign(change(old))
        return []

    monkeypatch.setattr("nlpx.workflow.convert.rows_of", changed)
    try:
        with pytest.raises(EnvironmentProblem, match=message):
            export_bundle(model, tmp_path / "b")
    finally:
        head.assign(old)
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_leaves_nothing(
    model: OpenModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("nlpx.runs.bundle_files.sync_path", full)
    monkeypatch.setattr("nlpx.workflow.convert.rows_of", lambda model: [])
    with pytest.raises(EnvironmentProblem, match="No space left"):
        export_bundle(model, tmp_path / "b")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("place", ["/dev/null/b", "x" * 300])
def test_where_nothing_can_be_written(run: Trained, nlpx: Command, place: str) -> None:
    """It is said before the model is loaded."""
    shown = nlpx("export", run.path, "--to", "bundle", "--output", place)
    assert (shown.code, f"{place}: cannot be written: " in shown.text) == (4, True)
    assert "Choose another --output" in shown.text


def test_a_dictionary_comes_along(run: Trained, nlpx: Command, tmp_path: Path) -> None:
    words = tmp_path / "words.tsv"
    words.write_text("究生\t1e9\n", encoding="utf-8")
    change = ("--set", f"decode.dictionary={words}")
    made = nlpx("export", run.path, "--to", "bundle", "--output", tmp_path / "b", *change)
    assert made.code == 0, made.err
    expected = nlpx("predict", run.path, *change, "--text", TEXT).out
    words.unlink()
    assert nlpx("predict", tmp_path / "b", "--text", TEXT).out == expected
    assert "究生" in expected


def test_what_cannot_be_exported(model: OpenModel) -> None:
    train = model.experiment.train.model_copy(update={"precision": "mixed_bfloat16"})
    half = model.experiment.model_copy(update={"train": train})
    with pytest.raises(NlpxError, match="mixed_bfloat16"):
        refuse_unexportable(half)
