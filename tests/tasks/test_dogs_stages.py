"""ImageClassification in stages: what is frozen stays as it is to the bit, features come from the cache, a kill changes nothing."""

from __future__ import annotations

import json
import shutil
from itertools import pairwise
from pathlib import Path

import pytest

from nlpx.engine.checkpoint import Checkpoints, read_weights
from nlpx.engine.update import floating
from nlpx.tasks.image_classification.config import ImageClassification
from nlpx.workflow.model import open_model
from tests.resume.runs import same
from tests.tasks.conftest import Command
from tests.trained import TrainOnce

STAGED = """\
task: dogs
data: {limit: 200}
model:
  image_size: 16
  backbone: {type: small_conv, filters: [4, 6, 8]}
  normalize: true
optimizer: {type: adam, learning_rate: 1e-2}
train:
  stages:
    - {epochs: 2, trainable_from: pooled_norm, augment: none}
    - {epochs: 1, trainable_from: conv3, augment: full, optimizer: {type: sgd, learning_rate: 1e-2, momentum: 0.9}}
    - {epochs: 1}
  augment: light
  updates_per_epoch: 5
  batch_size: 20
  log_every: 3
checkpoint: {keep_last: 20, every: 2}
"""


@pytest.fixture(scope="module")
def staged(trained_once: TrainOnce) -> Path:
    return trained_once(STAGED).path


def changed(run: Path, *steps: int) -> list[set[str]]:
    """The layers whose weights differ between each checkpoint and the next."""
    weights = floating(open_model(run.parent, str(run), "last").learner.model.weights)
    layers = [weight.path.split("/")[-2] for weight in weights]
    assert len(layers) == 3 * 5 + 4 + 4 + 2 + 2
    states = [[*read_weights(Checkpoints(run).path(step)).values()] for step in steps]
    return [
        {layer for layer, old, new in zip(layers, *pair, strict=True) if (old != new).any()}
        for pair in pairwise(states)
    ]


def test_a_stage_changes_only_what_it_trains(staged: Path) -> None:
    behind = {"pooled_norm", "value", "gate", "main_head", "aux_head"}
    everything = behind | {f"{kind}{i}" for kind in ("conv", "norm") for i in (1, 2, 3)}
    assert changed(staged, 2, 10, 15, 20) == [behind, behind | {"conv3", "norm3"}, everything]


def test_images_are_those_of_the_stage(staged: Path) -> None:
    from nlpx.config.load import load_experiment
    from nlpx.workflow.corpus import open_corpus

    experiment = load_experiment(staged / "resolved.yaml", moved=True).experiment
    assert isinstance(experiment, ImageClassification)
    corpus = open_corpus(experiment)
    prepared = corpus.prepare(lambda line: None)
    learner = experiment.learner(corpus.codec, prepared.vocabularies)
    experiment.initialize(learner, corpus.cache)
    batches = experiment.batches(prepared.items, learner, corpus.cache)
    shapes = [
        {name: array.shape for name, array in batches.update(epoch, 0)[0].items()} for epoch in range(4)
    ]
    assert shapes[0] == shapes[1] == {"feature": (20, 8), "label": (20,)}
    assert shapes[2] == shapes[3] == {"image": (20, 16, 16, 3), "label": (20,)}


def test_evaluation_with_a_moving_backbone_forgets_no_change(
    nlpx: Command, staged: Path, tmp_path: Path
) -> None:
    """What was measured while training is what a fresh process measures with the same checkpoint."""
    records = [json.loads(line) for line in (staged / "metrics.jsonl").read_text().splitlines()]
    told = next(r["valid/nll"] for r in records if r["step"] == 20 and "valid/nll" in r)
    staged = Path(shutil.copytree(staged, tmp_path / "staged"))
    (staged / "calibration.json").unlink()  # told with the alpha of training, 1
    fresh = json.loads(nlpx("eval", staged, "--split", "valid", "--checkpoint", "20", "--json").out)
    assert fresh["metrics"]["nll"] == pytest.approx(told, rel=1e-6)


def test_a_kill_in_the_second_stage_changes_nothing(
    nlpx: Command, staged: Path, trained_once: TrainOnce, tmp_path: Path
) -> None:
    killed = trained_once(STAGED).killed(12, tmp_path)
    assert nlpx("train", "--resume", killed).code == 0
    same(killed, staged)
