"""Tasks that learn by the default order of batches: a killed training goes on as if nothing had been."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from nlpx.cli.main import run
from nlpx.core.extras import missing_modules
from tests.resume.runs import same
from tests.tasks.conftest import Command
from tests.tasks.killing import killed_run
from tests.trained import CONFIGS

PAIRS = """\
task: similarity
data: {limit: 200, source: {type: builtin, name: similarity_pairs}}
model: {embedding: {dim: 8, dropout: 0.2, ngrams: []}, projection: 8}
loss: cosent
train: {epochs: 2, batch_size: 32, buckets: [48], log_every: 2}
checkpoint: {monitor: valid/spearman}
metrics: [correlation]
"""
UPDATES = {"couplet": 18, "segmentation": 28}
"""A number in the second epoch."""


def resumed(text: str, folder: Path, updates: int, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A run that was killed in its second epoch, and has gone on."""
    config = folder / "c.yaml"
    config.write_text(text, encoding="utf-8")
    killed = killed_run(config, folder, updates, monkeypatch)
    assert len(list((killed / "checkpoints").iterdir())) == 1
    assert run(["train", "--resume", str(killed)]) == 0
    return killed


@pytest.mark.parametrize("task", CONFIGS)
def test_texts(finished: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, task: str) -> None:
    same(resumed(CONFIGS[task], tmp_path, UPDATES[task], monkeypatch), finished / task / "tiny")


def test_scored_pairs_with_a_recorder_that_changes_nothing(
    nlpx: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorded = not missing_modules("wandb")
    killed = resumed(PAIRS + "observers: [wandb]\n" * recorded, tmp_path, 14, monkeypatch)
    arguments = ("--set", "observers=[]", "--output", tmp_path, "--name", "whole")
    assert nlpx("train", tmp_path / "c.yaml", *arguments).code == 0
    same(killed, tmp_path / "similarity" / "whole")
    if recorded:
        from tests.components.observers.test_wandb import record

        about, summary, values = record(tmp_path)
        lines = (killed / "metrics.jsonl").read_text(encoding="utf-8").splitlines()
        numbers = [
            (line["step"], name, value)
            for line in map(json.loads, lines)
            for name, value in line.items()
            if "/" in name
        ]
        assert [each for each in values if each[1] != "best/spearman"] == sorted(numbers)
        assert (about["name"], about["config"]["loss.type"], about["exit_code"]) == ("killed", "cosent", 0)
        assert (summary["nlpx.status"], "test/spearman" in summary) == ("finished", True)
