"""Tasks that learn by the default order of batches: a killed training goes on as if nothing had been."""

from __future__ import annotations

from pathlib import Path

import pytest

from nlpx.cli.main import run
from nlpx.training.events import Event, StepDone
from nlpx.training.observers.base import Observer
from tests.resume.runs import Killed, same
from tests.tasks.conftest import CONFIGS, Command

PAIRS = """\
task: similarity
data: {limit: 200, source: {type: builtin, name: similarity_pairs}}
model: {embedding: {dim: 8, dropout: 0.2, ngrams: []}, projection: 8}
loss: cosent
train: {epochs: 2, batch_size: 32, log_every: 2}
checkpoint: {monitor: valid/spearman}
metrics: [correlation]
"""


class KillInSecondEpoch(Observer):
    """Raises after its third update."""

    def __init__(self) -> None:
        self._left = 3

    def on(self, event: Event) -> None:
        self._left -= isinstance(event, StepDone) and event.epoch > 0
        if not self._left:
            raise Killed


def killed_and_resumed(text: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A run that was killed some updates after its first checkpoint, at the end of its first epoch."""
    config = folder / "c.yaml"
    config.write_text(text, encoding="utf-8")
    with monkeypatch.context() as patch:
        patch.setattr("nlpx.training.observers.progress.progress_observer", lambda unit: KillInSecondEpoch())
        with pytest.raises(Killed):
            run(["train", str(config), "--output", str(folder), "--name", "killed"])
    (killed,) = folder.glob("*/killed")
    assert len(list((killed / "checkpoints").iterdir())) == 1
    assert run(["train", "--resume", str(killed)]) == 0
    return killed


@pytest.mark.parametrize("task", CONFIGS)
def test_texts(finished: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, task: str) -> None:
    killed = killed_and_resumed(CONFIGS[task], tmp_path, monkeypatch)
    same(killed, finished / task / "tiny")


def test_scored_pairs(nlpx: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    killed = killed_and_resumed(PAIRS, tmp_path, monkeypatch)
    assert nlpx("train", tmp_path / "c.yaml", "--output", tmp_path, "--name", "whole").code == 0
    same(killed, tmp_path / "similarity" / "whole")
