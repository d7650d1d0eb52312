"""Model cards."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from nlpx.cli.main import run as nlpx
from nlpx.runs.config import load_run
from nlpx.runs.directory import RunDirectory
from nlpx.workflow.card import BundleFacts, card
from tests.runs.making import couplet, make_run

PARTS = ["Data", "Results", "Licence", "Limits", "How to reproduce"]


def test_a_finished_run(finished: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = finished / "segmentation" / "tiny"
    stored = json.loads((path / "eval" / "test.json").read_text(encoding="utf-8"))
    assert nlpx(["card", str(path)]) == 0
    text = capsys.readouterr().out
    assert re.findall("^## (.*)$", text, re.MULTILINE) == PARTS
    (row,) = re.findall(r"^\| f1 \| (.*?) \| (.*?) – (.*?) \| higher \|$", text, re.MULTILINE)
    value, low, high = map(float, row)
    assert value == pytest.approx(stored["metrics"]["f1"], abs=1e-4)
    assert low < value < high
    assert "| model.embedding.dim | 16 |" in text
    assert "sample that nlpx generates" in text


def test_a_run_without_evaluation(tmp_path: Path) -> None:
    run = make_run(tmp_path)
    text = card(run, load_run(run).experiment, None)
    assert "no checkpoint" in text
    assert "Not evaluated." in text
    assert re.findall("^## (.*)$", text, re.MULTILINE) == PARTS


@pytest.mark.parametrize("step", [300, 100])
def test_only_evaluations_of_its_checkpoint_count(tmp_path: Path, step: int) -> None:
    run = make_run(tmp_path, valid={100: 5.0, 300: 4.0}, best=300, test={"nll": 4.25})
    text = card(run, load_run(run).experiment, step)
    assert ("| nll | 4.2500 |" in text) == (step == 300)


def test_changed_settings_have_no_evaluation(tmp_path: Path) -> None:
    run = make_run(tmp_path, valid={300: 4.0}, best=300, test={"nll": 4.25})
    text = card(run, load_run(run).experiment, 300, BundleFacts(9, 20, None, changed=True))
    assert "Not evaluated." in text
    assert "predictions for 9 inputs and 20 validation rows" in text
    assert "nlpx predict FOLDER --text" in text


def test_folders_of_the_machine_are_left_out(tmp_path: Path) -> None:
    source = {"type": "pairs", "train": f"{tmp_path}/a b/train.tsv", "valid": "own/valid.tsv"}
    run = make_run(tmp_path, experiment=couplet(data={"source": source}), valid={1: 2.0}, best=1)
    text = card(run, load_run(run).experiment, 1)
    assert "| data.source.train | train.tsv |" in text
    assert "| data.source.valid | own/valid.tsv |" in text
    assert str(tmp_path) not in text


def test_texts_of_a_run_stay_in_their_cells(tmp_path: Path) -> None:
    hostile = "a|b<script>\u202e"
    run = make_run(
        tmp_path, experiment=couplet(samples=[hostile]), valid={1: 2.0}, best=1, test={hostile: 1.0}
    )
    text = card(RunDirectory.open(run.path), load_run(run).experiment, 1)
    assert "a\\|b&lt;script>\\u202e" in text
    assert "<script>" not in text
