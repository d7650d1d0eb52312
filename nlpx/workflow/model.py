"""Open the model of a run, from its folder alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from nlpx.config.load import load_experiment
from nlpx.data.keys import KeySet
from nlpx.runs.directory import RunDirectory
from nlpx.specs.experiment import Experiment
from nlpx.tasks import task_for
from nlpx.tasks.base import Answerer, Task
from nlpx.text.vocabulary import Vocabulary

if TYPE_CHECKING:
    from nlpx.training.problem import Problem

KEYS = "keys.npy"


@dataclass(frozen=True)
class OpenModel:
    """A trained model with all that it needs to answer."""

    run: RunDirectory
    experiment: Experiment
    task: Task
    problem: Problem
    answerer: Answerer
    step: int
    """Step of the checkpoint whose weights are loaded."""
    keys: KeySet


def open_model(root: Path, name: str | None, checkpoint: str, includes: Sequence[Path] = ()) -> OpenModel:
    """The model of a run.

    Args:
        root: where runs lie.
        name: a folder, or an id under `root`; None takes the newest finished run.
        checkpoint: best, last, or a step.
        includes: plugin files, beside those of the run.

    Raises:
        UsageError: there is no such run.
        CheckpointError: there is no such checkpoint, or it is damaged.
    """
    run = RunDirectory.newest(root) if name is None else RunDirectory.find(root, name)
    loaded = load_experiment(run.resolved, includes=includes, moved=True)
    task = task_for(loaded.experiment)
    vocabularies = load_vocabularies(run.vocabulary)

    from nlpx.cli.framework import framework

    with framework(run.log):
        from nlpx.training.checkpoint import Checkpoints
        from nlpx.training.train import configure
    checkpoints = Checkpoints(run.path)
    step = checkpoints.resolve(checkpoint)
    configure(loaded.experiment)
    problem = task.problem(vocabularies)
    checkpoints.load_weights(step, problem.model)
    keys = KeySet.load(run.vocabulary / KEYS)
    return OpenModel(run, loaded.experiment, task, problem, task.answerer(problem, vocabularies), step, keys)


def save_vocabularies(folder: Path, vocabularies: Mapping[str, Vocabulary], keys: KeySet) -> None:
    """Write what `open_model` reads: vocabularies and the keys of the training rows."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, vocabulary in vocabularies.items():
        vocabulary.save(folder / f"{name}.json")
    keys.save(folder / KEYS)


def load_vocabularies(folder: Path) -> dict[str, Vocabulary]:
    """The vocabularies of a run, by name."""
    return {path.stem: Vocabulary.load(path) for path in sorted(folder.glob("*.json"))}
