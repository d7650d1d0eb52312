"""Compare an exported model with its run: decisions first, then scores."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any

import numpy as np

from nlpx.data.records import Record
from nlpx.errors import EnvironmentProblem, NlpxError
from nlpx.exported.learner import Call, Graphs
from nlpx.specs.predictor import Example, Prediction, Predictor
from nlpx.workflow.agreement import TOLERANCE, close, decisions, numbers
from nlpx.workflow.corpus import open_corpus
from nlpx.workflow.golden import predictions_of
from nlpx.workflow.model import OpenModel

if TYPE_CHECKING:
    from nlpx.models.learner import InferenceGraph

BATCHES = (1, 2, 7)
ROWS = 256
"""Validation rows that are compared."""
SHOWN = 200
Rows = Sequence[Record]
AnyPredictor = Predictor[Record, Example]
Examples = list[tuple[str, Mapping[str, object]]]
"""Inputs, as shown in messages, with predictions."""


def rows_of(model: OpenModel) -> list[Record]:
    """The first validation rows; none if the data are not on this machine."""
    try:
        return list(islice(open_corpus(model.trained).rows("valid"), ROWS))
    except NlpxError:
        return []


def verify(
    model: OpenModel,
    make: Callable[[Graphs], AnyPredictor],
    graphs: Graphs,
    originals: Mapping[str, InferenceGraph],
    texts: Sequence[str],
    rows: Rows,
) -> list[Prediction]:
    """Compare predictions and scores in batches of several sizes; returns those of the run for the texts.

    Args:
        make: the predictor with these graphs.
        graphs: the exported ones.
        originals: those of the run.

    Raises:
        EnvironmentProblem: they differ; the message contains the input.
    """
    experiment = model.experiment
    expected = predictions_of(model.predictor, experiment, texts)
    wanted = [*_predicted(texts, expected), *_measured(model.predictor, rows, model)]
    exported = make(graphs)

    def predicted(part: Sequence[str]) -> Examples:
        return _predicted(part, predictions_of(exported, experiment, part))

    found = [*predicted(texts), *_measured(exported, rows, model)]
    alone = type(exported).survey is Predictor.survey
    some = rows[: len(texts)] if alone else []  # other predictors search the rows that they are given
    for size in BATCHES:
        in_batches = [
            *(each for part in _parts(texts, size) for each in predicted(part)),
            *(each for part in _parts(some, size) for each in _measured(exported, part, model)),
        ]
        _compare(in_batches, wanted[: len(texts) + len(some)], size)
    _compare(found, wanted, len(wanted))
    checked = {name: _checked(name, graphs[name], original) for name, original in originals.items()}
    predictions_of(make(checked), experiment, texts)
    return expected


def _predicted(texts: Sequence[str], predictions: Sequence[Prediction]) -> Examples:
    return [(text, prediction.fields) for text, prediction in zip(texts, predictions, strict=True)]


def _measured(predictor: AnyPredictor, rows: Rows, model: OpenModel) -> Examples:
    if not rows:
        return []
    predictor.survey(rows)
    return [(example.describe(), example.to_json()) for example in predictor.examples(rows, model.keys)]


def _parts(items: Sequence[Any], size: int) -> Iterator[Sequence[Any]]:
    return (items[start : start + size] for start in range(0, len(items), size))


def _compare(found: Examples, wanted: Examples, size: int) -> None:
    """Raise EnvironmentProblem for the first other decision, or else for the first number that is far off."""
    pairs = list(zip(found, wanted, strict=True))
    for (_, new), (shown, old) in pairs:
        if decisions(new) != decisions(old):
            _refuse(f"predicts {str(new)[:SHOWN]} for {shown[:SHOWN]!r} in a batch of {size}", str(old))
    for (_, new), (shown, old) in pairs:
        if not close(numbers(new), numbers(old)):
            what = f"gives the numbers {str(numbers(new))[:SHOWN]} for {shown[:SHOWN]!r}"
            _refuse(f"{what} in a batch of {size}", str(numbers(old)))


def _checked(name: str, graph: Call, original: InferenceGraph) -> Call:
    """A graph whose outputs are compared with those of the run, also for the first rows of a batch alone."""
    import tensorflow as tf

    run = tf.function(original.call, reduce_retracing=True, autograph=False)

    def call(batch: Mapping[str, np.ndarray]) -> list[np.ndarray]:
        for size in BATCHES:
            part = {key: batch[key][:size] for key in original.inputs}
            outputs = run({key: tf.constant(array) for key, array in part.items()})
            expected = outputs if isinstance(outputs, tuple | list) else (outputs,)
            for output, new, old in zip(original.outputs, graph(part), expected, strict=True):
                if not _near(new, old.numpy()):
                    shapes = {key: array.shape for key, array in part.items()}
                    _refuse(f"gives other {output} of the graph {name} for arrays of the shapes {shapes}")
        return graph(batch)

    return call


def _near(new: np.ndarray, old: np.ndarray) -> bool:
    """Whether arrays agree within the tolerance, relative to the size of a number above 1."""
    first, second = (array.astype(np.float64) for array in (new, old))
    return new.shape == old.shape and bool(
        (np.abs(first - second) <= TOLERANCE * np.maximum(1, np.abs(second))).all()
    )


def _refuse(what: str, expected: str = "") -> None:
    wanted = f", expected {expected[:SHOWN]}" if expected else ""
    raise EnvironmentProblem(f"the exported model {what}{wanted}. Nothing was written.")
