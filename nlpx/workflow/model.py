"""Load the model of a run from its folder."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from nlpx.core.zip_files import is_zip
from nlpx.data.codec import Codec
from nlpx.data.files import fingerprint, read_lines
from nlpx.data.keys import KeySet
from nlpx.data.records import Record
from nlpx.errors import DamagedRun, DataError, UsageError
from nlpx.runs.bundle import Bundle
from nlpx.runs.config import load_run
from nlpx.runs.directory import RunDirectory, is_bundle
from nlpx.runs.files import refuse_links
from nlpx.runs.framework import framework
from nlpx.runs.lookup import find, newest
from nlpx.runs.zipped import open_zipped
from nlpx.specs.experiment import Experiment
from nlpx.specs.predictor import Example, Predictor, Say
from nlpx.text.vocabulary import Vocabulary
from nlpx.workflow.changes import refuse_other_model
from nlpx.workflow.corpus import Corpus
from nlpx.workflow.learned import DELETE_CALIBRATION, load_keys, load_vocabularies, read_calibration
from nlpx.workflow.of_run import buildable, files_of_config

if TYPE_CHECKING:
    from nlpx.engine.learner import Learner
    from nlpx.workflow.engine import Engine


@dataclass(frozen=True)
class OpenModel:
    """The model of a run with its decoder.

    Attributes:
        run: its run.
        trained: its config.
        experiment: its config with overrides.
        codec: reads its records.
        learner: the model; its weights are those of the checkpoint of `step`.
        predictor: the model with the decoder of the config.
        vocabularies: the vocabularies of the training rows.
        keys: the keys of the training rows.
        step: step of the checkpoint; 0 before one is loaded.
    """

    run: RunDirectory
    trained: Experiment
    experiment: Experiment
    codec: Codec[Record]
    learner: Learner
    predictor: Predictor[Record, Example]
    vocabularies: Mapping[str, Vocabulary]
    keys: KeySet
    step: int = 0

    @property
    def changed(self) -> bool:
        """Whether results are not those of a run: settings are overridden, or the model is a bundle."""
        return self.experiment != self.trained or isinstance(self.run, Bundle)

    def load(self, checkpoint: str) -> OpenModel:
        """This model with the weights of a checkpoint: `best`, `last`, or a step.

        Raises:
            CheckpointError: there is no such checkpoint, or it is damaged.
        """
        from nlpx.engine.checkpoint import Checkpoints

        checkpoints = Checkpoints(self.run.path)
        step = checkpoints.resolve(checkpoint)
        self.fill(checkpoints.path(step))
        return replace(self, step=step)

    def fill(self, folder: Path) -> None:
        """Set the weights to those in a folder of a checkpoint; raises CheckpointError if it is damaged."""
        from nlpx.engine.checkpoint import load_weights

        load_weights(self.learner.model, folder)
        getattr(self.learner, "fold", lambda: None)()

    def prepare(self, corpus: Callable[[], Corpus], say: Say) -> None:
        """Prepare what predictions need besides the weights; call it after `load`.

        Args:
            corpus: opens the corpus of the run's config; called only if it is needed.
            say: called with messages about slow operations and about results that cannot be stored.

        Raises:
            DataError: training or validation rows are needed and cannot be read.
        """
        self.predictor.prepare(lambda split: corpus().rows(split), self._index_folder, self._weights, say)

    def search_in(self, path: Path, say: Say) -> None:
        """Search the lines of a file instead of the training rows; call it after `prepare`.

        Args:
            path: a file with one text per line; blank lines and duplicates are skipped.
            say: as in `prepare`.

        Raises:
            UsageError: the task is not a retrieval task.
            DataError: the file cannot be read, or contains no text.
            DamagedRun: the run contains a link.
        """
        content = fingerprint(path)
        refuse_links(self.run.path)  # `prepare` may have taken a while

        def texts() -> list[str]:
            found = list(dict.fromkeys(filter(None, (line.strip() for line in read_lines(path)))))
            if not found:
                raise DataError(f"{path}: this file contains no text. Expected one text per line.")
            return found

        self.predictor.search_in(texts, self._index_folder / content[:16], self._weights, say)

    @property
    def _index_folder(self) -> Path:
        """Where indices of a search are; vectors of another precision are others."""
        precision = self.experiment.train.precision
        folder = self.run.index_folder
        return folder if precision == self.trained.train.precision else folder / precision

    @property
    def _weights(self) -> str:
        return f"step-{self.step}"


def _tell(message: str) -> None:
    print(message, file=sys.stderr)


def open_model(
    root: Path,
    name: str | None,
    checkpoint: str,
    includes: Sequence[Path] = (),
    overrides: Sequence[str] = (),
    say: Say = _tell,
    engine: Engine = "tensorflow",
) -> OpenModel:
    """The model of a run.

    Args:
        root: folder of the runs.
        name: a folder, or an id or TASK/ID under `root`; None selects the newest finished run.
        checkpoint: best, last, or a step.
        includes: plugin files.
        overrides: `a.b=value`, for other data, another decoder or other metrics.
        say: called with messages about differences to the time of training.
        engine: what computes the predictions of a run; bundles need onnxruntime in any case.

    Raises:
        ConfigError: an override is invalid.
        UsageError: there is no such run, it has no checkpoint yet, an override requires another model, or
            the run needs a plugin that is not included.
        DamagedRun: a file of the run is damaged.
        CheckpointError: there is no such checkpoint, or it is damaged.
    """
    run = named_run(root, name)
    if isinstance(run, Bundle):
        from nlpx.workflow.bundle import open_bundle

        return open_bundle(run, checkpoint, includes, overrides, say)
    if engine != "tensorflow":
        from nlpx.workflow.engine import open_with

        if (model := open_with(engine, run, checkpoint, includes, overrides, say)) is not None:
            return model
    if not run.last.is_file():
        raise UsageError(
            f"{run.path}: this run ({run.status}) has no checkpoint yet. "
            f"Resume it with: nlpx train --resume {run.path}"
        )
    trained = load_run(run, includes=includes, say=say).experiment
    experiment = load_run(run, overrides, includes).experiment if overrides else trained
    refuse_other_model(trained, experiment)
    codec = experiment.codec()
    # The vocabularies of the run follow from its own config; a new metric that needs others reports that.
    vocabularies = load_vocabularies(run, trained.codec())
    keys = load_keys(run)
    with framework(run.framework_log):
        from nlpx.engine.train import configure
    configure(experiment.seed, experiment.train)
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
    """A folder, or an id under `root`; None selects the newest finished run. Bundles may be zip files.

    Raises:
        UsageError, DamagedRun: there is no such run, or it is damaged.
    """
    if name and is_zip(Path(name)):
        return open_zipped(Path(name))
    if name and is_bundle(Path(name)):
        return Bundle.open(Path(name))
    return newest(root) if name is None else find(root, name)


def config_of(root: Path, name: str | None, includes: Sequence[Path] = ()) -> Experiment:
    """The config of a run, without its model. Raises UsageError if there is no such run."""
    return load_run(named_run(root, name), includes=includes).experiment


def bind(
    run: RunDirectory,
    experiment: Experiment,
    codec: Codec[Record],
    learner: Learner,
    vocabularies: Mapping[str, Vocabulary],
    keys: KeySet,
) -> OpenModel:
    """An already built model as the model of a run; its weights do not change until `load`."""
    predictor = experiment.predictor(codec, learner, vocabularies)
    return OpenModel(run, experiment, experiment, codec, learner, predictor, vocabularies, keys)
