"""Predictions in Python: `nlpx.load(PATH).predict(texts)`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from nlpx.specs.predictor import Prediction
from nlpx.workflow.corpus import open_corpus
from nlpx.workflow.model import open_model

if TYPE_CHECKING:
    from nlpx.specs.predictor import Say
    from nlpx.workflow.model import OpenModel

AT_ONCE = 4096
"""Texts of `predict_iter` that are in memory at the same time."""


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
        """The predictions of any number of texts, in order; at most `at_once` are read ahead."""
        if isinstance(texts, str):
            raise TypeError("expected texts, got a single text; use predict([text])")
        iterator = iter(texts)
        while portion := list(islice(iterator, at_once)):
            yield from self._model.predictor.predict(portion)


def load(
    path: str | Path,
    *,
    checkpoint: str = "best",
    overrides: Sequence[str] = (),
    includes: Sequence[str | Path] = (),
    say: Say = lambda message: None,
) -> Model:
    """The model of a run or a bundle.

    Args:
        path: folder of the run, or of the bundle, which needs neither TensorFlow nor Keras.
        checkpoint: best, last, or a step.
        overrides: `key=value`, such as `decode.size=8`.
        includes: plugin files, which are executed.
        say: called with messages about slow operations.

    Raises:
        nlpx.errors.NlpxError: there is no such run, or it cannot be used; the message says what to do.
    """
    opened = open_model(Path(), str(path), checkpoint, [Path(file) for file in includes], overrides, say)
    opened.prepare(lambda: open_corpus(opened.trained), say)
    return Model(Path(path), opened.experiment.type, opened.step, opened)
