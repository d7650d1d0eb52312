"""Whatever is combined: an update runs, a resumed run is exact, and padding changes nothing.

NLPX_RECIPES=N tries N recipes per task, more than those of every test run.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import count, islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nlpx.components.observers.base import Listener
from nlpx.engine.learner import Evaluation
from nlpx.engine.stages import Stages
from nlpx.engine.state import Progress
from nlpx.engine.train import Outcome, configure, train
from nlpx.runs.framework import framework
from nlpx.specs.experiment import Experiment
from nlpx.workflow.corpus import open_corpus
from nlpx.workflow.job import job_of
from tests.resume.recipes import TASKS, drawn, undisturbed, valid_recipe
from tests.resume.runs import KillAt, Killed, make_alike, same

TRIED = int(os.environ.get("NLPX_RECIPES", "1"))


def run(experiment: Experiment, directory: Path, *observers: Listener, resume: bool = False) -> Outcome:
    """Train, or go on, in what could be a new process."""
    make_alike()
    with framework(None):
        configure(experiment.seed, experiment.train)
    corpus = open_corpus(experiment)
    prepared = corpus.prepare(lambda message: None)
    learner = experiment.learner(corpus.codec, prepared.vocabularies)
    batches = experiment.batches(prepared.items, learner, corpus.cache)
    job = job_of(experiment, learner, batches, directory, lambda: Evaluation({"nll": 1.0}))
    try:
        return train(replace(job, observers=observers, resume=resume))
    finally:
        import keras

        keras.config.set_dtype_policy("float32")


def recipes(
    task: str, folder: Path, changed: Callable[[dict[str, Any]], dict[str, Any]] = dict
) -> Iterator[tuple[int, Experiment]]:
    """Valid recipes of a task, changed or as they were drawn, with their numbers."""
    for number in count(list(TASKS).index(task), len(TASKS)):
        experiment = valid_recipe(changed(drawn(number)), folder)
        if experiment is not None:
            yield number, experiment


@pytest.mark.parametrize("task", TASKS)
def test_a_killed_run_of_any_recipe_is_resumed_exactly(task: str, tmp_path: Path) -> None:
    for number, experiment in islice(recipes(task, tmp_path), TRIED):
        whole, killed = tmp_path / f"{number}-whole", tmp_path / f"{number}-killed"
        whole.mkdir()
        killed.mkdir()
        print(number, experiment.optimizer, experiment.tricks, experiment.train.precision)
        assert run(experiment, whole).progress.step == 4
        with pytest.raises(Killed):
            run(experiment, killed, KillAt(8))
        run(experiment, killed, resume=True)
        same(killed, whole)


def change(experiment: Experiment, width: int) -> np.ndarray:
    """What an update of batches that are `width` positions wide adds to the weights, one after the other."""
    make_alike()
    configure(experiment.seed, experiment.train)
    corpus = open_corpus(experiment)
    prepared = corpus.prepare(lambda message: None)
    learner = experiment.learner(corpus.codec, prepared.vocabularies)
    train = experiment.train.model_copy(update={"buckets": [width]})
    wide = experiment.model_copy(update={"train": train})
    batches = wide.batches(prepared.items, learner, corpus.cache)
    stages = Stages(job_of(wide, learner, batches, Path(), lambda: Evaluation({"nll": 1.0})))
    stages.enter(Progress())
    update = stages.batches(0, 0, 0)
    assert {batch["char"].shape[1] for micro_batches in update for batch in micro_batches} == {width}
    before = [variable.numpy() for variable in learner.model.trainable_variables]
    stages.step(update, 0)
    after = [variable.numpy() for variable in learner.model.trainable_variables]
    return np.concatenate([(new - old).ravel() for new, old in zip(after, before, strict=True)])


@pytest.mark.parametrize("task", TASKS)
def test_padding_changes_the_update_of_no_recipe(task: str, tmp_path: Path) -> None:
    for number, experiment in islice(recipes(task, tmp_path, undisturbed), TRIED):
        print(number, experiment.optimizer, experiment.tricks, experiment.train.accumulation)
        narrow, wide = (change(experiment, width) for width in (64, 96))
        assert np.linalg.norm(narrow) > 0
        assert np.linalg.norm(narrow - wide) <= 1e-3 * np.linalg.norm(narrow)
