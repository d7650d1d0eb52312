"""Tasks that learn by the default order of batches: a killed training goes on as if nothing had been."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from nlpx.core.extras import missing_modules
from tests.resume.runs import same
from tests.tasks.conftest import Command
from tests.tasks.killing import killed_run
from tests.trained import CONFIGS, TrainOnce

PAIRS = """\
task: similarity
data: {limit: 200, source: {type: builtin, name: similarity_pairs}}
model: {embedding: {dim: 8, dropout: 0.2, ngrams: []}, projection: 8}
loss: cosent
train: {epochs: 2, batch_size: 32, buckets: [48], log_every: 2}
checkpoint: {monitor: valid/spearman}
metrics: [correlation]
"""
UPDATES = {"couplet": 15, "segmentation": 25}
"""Numbers in the second epoch."""


@pytest.mark.parametrize("task", CONFIGS)
def test_texts(nlpx: Command, trained_once: TrainOnce, tmp_path: Path, task: str) -> None:
    whole = trained_once(CONFIGS[task])
    killed = whole.killed(UPDATES[task], tmp_path)
    assert nlpx("train", "--resume", killed).code == 0
    same(killed, whole.path)


def test_scored_pairs_with_a_recorder_that_changes_nothing(
    nlpx: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorded = not missing_modules("wandb")
    config = tmp_path / "c.yaml"
    config.write_text(PAIRS + "observers: [wandb]\n" * recorded, encoding="utf-8")
    killed = killed_run(config, tmp_path, 14, monkeypatch)
    assert nlpx("train", "--resume", killed).code == 0
    arguments = ("--set", "observers=[]", "--output", tmp_path, "--name", "whole")
    assert nlpx("train", config, *arguments).code == 0
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
