"""Tasks that learn by the default order of batches: a killed training goes on as if nothing had been."""

from __future__ import annotations

from pathlib import Path

import pytest

from nlpx.cli.main import run
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


def test_scored_pairs(nlpx: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    killed = resumed(PAIRS, tmp_path, 14, monkeypatch)
    assert nlpx("train", tmp_path / "c.yaml", "--output", tmp_path, "--name", "whole").code == 0
    same(killed, tmp_path / "similarity" / "whole")
