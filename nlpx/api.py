"""nlpx in Python: `nlpx.train(CONFIG)`, `nlpx.load(PATH).predict(texts)`, `nlpx.list_runs()`."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from nlpx.runs.folders import task_of
from nlpx.runs.listing import Summary, summaries
from nlpx.specs.predictor import Prediction, unheard
from nlpx.workflow.corpus import open_corpus
from nlpx.workflow.model import open_model

if TYPE_CHECKING:
    from nlpx.specs.predictor import Say
    from nlpx.workflow.engine import Engine
    from nlpx.workflow.model import OpenModel

AT_ONCE = 4096
"""Texts of `predict_iter` that are in memory at the same time."""
Overrides = Mapping[str, object] | Sequence[str]
"""`{"train.epochs": 3}`, or `["train.epochs=3"]` as on the command line."""


@dataclass(frozen=True)
class Model:
    """A trained model with its decoder.

    Attributes:
        path: its run or bundle.
        task: what it predicts, such as `couplet`.
        step: step of its checkpoint.
    """

    path: Path
    task: str
    step: int
    _model: OpenModel

    def predict(self, texts: Sequence[str]) -> list[Prediction]:
        """One prediction for each text, in order.

        Args:
            texts: any texts, including empty ones; paths of images for tasks that read images.

        Raises:
            TypeError: `texts` is a single text.
        """
        if isinstance(texts, str):
            raise TypeError("expected a list of texts, got a single text; use predict([text])")
        return self._model.predictor.predict(list(texts))

    def predict_iter(self, texts: Iterable[str], at_once: int = AT_ONCE) -> Iterator[Prediction]:
        """The predictions of any number of texts, in order; at most `at_once` are read ahead.

        Raises:
            TypeError: `texts` is a single text.
            ValueError: `at_once` is less than 1.
        """
        if isinstance(texts, str):
            raise TypeError("expected texts, got a single text; use predict([text])")
        if at_once < 1:
            raise ValueError(f"at_once is {at_once}, expected at least 1")
        iterator = iter(texts)
        while portion := list(islice(iterator, at_once)):
            yield from self._model.predictor.predict(portion)


def load(
    path: str | Path,
    *,
    checkpoint: str = "best",
    overrides: Overrides = (),
    includes: Sequence[str | Path] = (),
    engine: Engine = "auto",
    say: Say = unheard,
) -> Model:
    """The model of a run or a bundle.

    Args:
        path: folder of the run, or of the bundle, which needs neither TensorFlow nor Keras.
        checkpoint: best, last, or a step.
        overrides: of the config, such as `{"decode.size": 8}`.
        includes: plugin files, which are executed.
        engine: tensorflow, or onnx, which needs the bundle in the run; auto uses this if it is there.
        say: called with messages about slow operations.

    Raises:
        nlpx.errors.NlpxError: there is no such run, or it cannot be used; the message says what to do.
    """
    files, options = [Path(file) for file in includes], _options(overrides)
    opened = open_model(Path(), str(path), checkpoint, files, options, say, engine)
    opened.prepare(lambda: open_corpus(opened.trained), say)
    return Model(Path(path), opened.experiment.type, opened.step, opened)


@dataclass(frozen=True)
class Trained:
    """A finished training run.

    Attributes:
        path: its folder, for `load`.
        task: such as `couplet`.
        step: step of the best checkpoint, which was evaluated.
        split: of the final evaluation: `test`, or `valid` if the data have no test split.
        metrics: of this split, by name; those of a subset are called `SUBSET/NAME`.
    """

    path: Path
    task: str
    step: int
    split: str
    metrics: Mapping[str, float]


def train(
    config: str | Path,
    overrides: Overrides = (),
    *,
    output: str | Path = "runs",
    name: str | None = None,
    includes: Sequence[str | Path] = (),
    say: Say = unheard,
) -> Trained:
    """Train a config in a new run, as `nlpx train` does, with its progress on standard error.

    Args:
        config: a YAML file.
        overrides: of the config, such as `{"train.epochs": 3, "loss": {"type": "focal"}}`.
        output: folder of the runs.
        name: id of the run; default: made of the time.
        includes: plugin files, which are executed.
        say: called with messages about the data and the run, such as `print`.

    Raises:
        nlpx.errors.NlpxError: the config or the data are invalid; the message says where and why.
    """
    from nlpx.report.written import write_report
    from nlpx.workflow.train import start_run

    files = [Path(file) for file in includes]
    done = start_run(Path(config), _options(overrides), files, Path(output), name, say)
    write_report(done.run, done.log)
    return Trained(done.run.path, task_of(done.run.path), done.step, done.split, done.report.metrics)


def list_runs(root: str | Path = "runs", task: str | None = None) -> list[Summary]:
    """All runs in a folder, complete or damaged, newest first; `pandas.DataFrame` takes the list."""
    return summaries(Path(root), task)


def _options(overrides: Overrides) -> list[str]:
    if isinstance(overrides, str):
        raise TypeError(f"expected a mapping or a list of overrides, got {overrides!r}")
    if isinstance(overrides, Mapping):
        return [f"{key}={json.dumps(value, ensure_ascii=False)}" for key, value in overrides.items()]
    return list(overrides)
