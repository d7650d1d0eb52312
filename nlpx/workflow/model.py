"""Open the model of a run, from its folder alone."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from nlpx.data.files import fingerprint, read_lines
from nlpx.data.keys import KeySet
from nlpx.data.rows import Row
from nlpx.errors import DamagedRun, DataError, UsageError
from nlpx.runs.config import load_run
from nlpx.runs.directory import RunDirectory
from nlpx.runs.files import refuse_links
from nlpx.runs.framework import framework
from nlpx.runs.lookup import find, newest
from nlpx.specs.codec import Codec
from nlpx.specs.experiment import Experiment
from nlpx.specs.predictor import Example, Predictor, Say
from nlpx.text.vocabulary import Vocabulary
from nlpx.workflow.changes import refuse_other_model
from nlpx.workflow.corpus import Corpus
from nlpx.workflow.learned import DELETE_CALIBRATION, load_keys, load_vocabularies, read_calibration
from nlpx.workflow.of_run import buildable, files_of_config

if TYPE_CHECKING:
    from nlpx.engine.problem import Problem


@dataclass(frozen=True)
class OpenModel:
    """The model of a run behind its decoder.

    Attributes:
        run: where it comes from.
        trained: its config.
        experiment: the same with the changes that were asked for.
        codec: reads its records.
        learner: the model; its weights are those of the checkpoint of `step`.
        predictor: the model behind the decoder of the config.
        vocabularies: of the training rows.
        keys: what the task remembers of the training rows.
        step: of the checkpoint; 0 before one is loaded.
    """

    run: RunDirectory
    trained: Experiment
    experiment: Experiment
    codec: Codec[Row]
    learner: Problem
    predictor: Predictor[Row, Example]
    vocabularies: Mapping[str, Vocabulary]
    keys: KeySet
    step: int = 0

    @property
    def changed(self) -> bool:
        """Whether it answers, or is measured, in another way than its run says."""
        return self.experiment != self.trained

    def load(self, checkpoint: str) -> OpenModel:
        """This model with the weights of a checkpoint: `best`, `last`, or a step.

        Raises:
            CheckpointError: there is no such checkpoint, or it is damaged.
        """
        from nlpx.engine.checkpoint import Checkpoints, load_weights

        checkpoints = Checkpoints(self.run.path)
        step = checkpoints.resolve(checkpoint)
        load_weights(self.learner.model, checkpoints.path(step))
        return replace(self, step=step)

    def prepare(self, corpus: Callable[[], Corpus], say: Say) -> None:
        """Get ready what answering needs beside the weights; call it after `load`.

        Args:
            corpus: the rows of the run's own config; asked for only where they are needed.
            say: told what takes long, and what cannot be kept.

        Raises:
            DataError: rows of train or valid are needed and cannot be read.
        """
        self.predictor.prepare(
            lambda split: corpus().rows(split), self.run.index_folder, f"step-{self.step}", say
        )

    def search_in(self, path: Path, say: Say) -> None:
        """Answer with the lines of a file, not with training rows; call it after `prepare`.

        Args:
            path: one text a line; blank lines are skipped, equal ones count once.
            say: as in `prepare`.

        Raises:
            UsageError: the task does not search its answers.
            DataError: the file cannot be read, or has no text.
            DamagedRun: something in the run leads out of it.
        """
        content = fingerprint(path)
        refuse_links(self.run.path)  # `prepare` may have taken a while

        def texts() -> list[str]:
            found = list(dict.fromkeys(filter(None, (line.strip() for line in read_lines(path)))))
            if not found:
                raise DataError(f"{path}: there is no text in this file. Expected one a line.")
            return found

        self.predictor.search_in(texts, self.run.index_folder / content[:16], f"step-{self.step}", say)


def _tell(message: str) -> None:
    print(message, file=sys.stderr)


def open_model(
    root: Path,
    name: str | None,
    checkpoint: str,
    includes: Sequence[Path] = (),
    overrides: Sequence[str] = (),
    say: Say = _tell,
) -> OpenModel:
    """The model of a run.

    Args:
        root: where runs lie.
        name: a folder, or an id or TASK/ID under `root`; None takes the newest finished run.
        checkpoint: best, last, or a step.
        includes: plugin files.
        overrides: `a.b=value`; other rows, another decoder, other metrics.
        say: told what is not as it was when the run was trained.

    Raises:
        ConfigError: an override is wrong.
        UsageError: there is no such run, it has no checkpoint yet, an override asks for another model, or
            the run needs a plugin that is not named.
        DamagedRun: a file of the run is damaged.
        CheckpointError: there is no such checkpoint, or it is damaged.
    """
    run = named_run(root, name)
    if not run.last.is_file():
        raise UsageError(
            f"{run.path}: this run ({run.status}) has no checkpoint yet. "
            f"Go on with it: nlpx train --resume {run.path}"
        )
    trained = load_run(run, includes=includes, say=say).experiment
    experiment = load_run(run, overrides, includes).experiment if overrides else trained
    refuse_other_model(trained, experiment)
    codec = experiment.codec()
    # What the run has counted follows from its own config: another metric may want more, and says so.
    vocabularies = load_vocabularies(run, trained.codec())
    keys = load_keys(run)
    with framework(run.framework_log):
        from nlpx.engine.configure import configure
    configure(experiment)
    with buildable(run):
        learner = experiment.learner(codec, vocabularies)
    with files_of_config(run, trained, experiment):
        model = bind(run, experiment, codec, learner, vocabularies, keys)
    model = model.load(checkpoint)
    calibration = read_calibration(run)
    try:
        model.predictor.use(calibration)
    except ValueError as error:
        raise DamagedRun(run.calibration, str(error), DELETE_CALIBRATION) from None
    return replace(model, trained=trained)


def named_run(root: Path, name: str | None) -> RunDirectory:
    """A folder, or an id under `root`; None takes the newest finished run. Raises UsageError."""
    return newest(root) if name is None else find(root, name)


def config_of(root: Path, name: str | None, includes: Sequence[Path] = ()) -> Experiment:
    """The config of a run, without its model. Raises UsageError if there is no such run."""
    return load_run(named_run(root, name), includes=includes).experiment


def bind(
    run: RunDirectory,
    experiment: Experiment,
    codec: Codec[Row],
    learner: Problem,
    vocabularies: Mapping[str, Vocabulary],
    keys: KeySet,
) -> OpenModel:
    """A model that is built already, as one of a run; its weights stay as they are until `load`."""
    predictor = experiment.predictor(codec, learner, vocabularies)
    return OpenModel(run, experiment, experiment, codec, learner, predictor, vocabularies, keys)
