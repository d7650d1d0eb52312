"""Whatever is combined, an update runs, its state survives a checkpoint, and a resumed run is exact.

NLPX_RECIPES=N tries N recipes per task, more than those of every test run.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from itertools import count, islice
from pathlib import Path

import pytest

from nlpx.components.observers.base import Listener
from nlpx.engine.learner import Evaluation
from nlpx.engine.train import Outcome, configure, train
from nlpx.runs.framework import framework
from nlpx.specs.experiment import Experiment
from nlpx.workflow.corpus import open_corpus
from nlpx.workflow.job import job_of
from tests.resume.recipes import TASKS, valid_recipe
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


def recipes(task: str, folder: Path) -> Iterator[tuple[int, Experiment]]:
    """Valid recipes of a task with their numbers."""
    for number in count(list(TASKS).index(task), len(TASKS)):
        experiment = valid_recipe(number, folder)
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
