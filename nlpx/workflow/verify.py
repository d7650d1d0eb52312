"""Compare an exported model with its run: decisions first, then scores.

Two of the texts that a decoder compares may have the same score except for rounding. An export may then
decide otherwise without being wrong: a tie. Another decision counts as a tie only if rounding alone explains
it: the code of the export makes the decision of the run from the numbers of the run, and on the way to
either decision all numbers of both agree to ROUNDING, which is less than the tolerance of scores.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

import numpy as np

from nlpx.data.records import Record
from nlpx.errors import EnvironmentProblem, NlpxError
from nlpx.exported.learner import Call, Graphs, whole
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
ROUNDING = 1e-4
"""What float32 may change of a number, relative to its size above 1, in another order of additions."""
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


@dataclass(frozen=True)
class Verified:
    """What a comparison gave.

    Attributes:
        predictions: those of the run for the texts.
        ties: which texts have another prediction, because of a tie.
        tied: how many texts and rows have another one.
    """

    predictions: list[Prediction]
    ties: frozenset[int] = frozenset()
    tied: int = 0


def verify(
    model: OpenModel,
    make: Callable[[Graphs], AnyPredictor],
    graphs: Graphs,
    originals: Mapping[str, InferenceGraph],
    texts: Sequence[str],
    rows: Rows,
) -> Verified:
    """Compare predictions and scores in batches of several sizes.

    Args:
        make: the predictor with these graphs.
        graphs: the exported ones.
        originals: those of the run.

    Raises:
        EnvironmentProblem: they differ by more than rounding; the message contains the input.
    """
    experiment = model.experiment
    expected = predictions_of(model.predictor, experiment, texts)
    wanted = [*_predicted(texts, expected), *_measured(model.predictor, rows, model)]
    exported = make(graphs)

    def predicted(part: Sequence[str], predictor: AnyPredictor = exported) -> Examples:
        return _predicted(part, predictions_of(predictor, experiment, part))

    def all_of(predictor: AnyPredictor) -> Examples:
        return [*predicted(texts, predictor), *_measured(predictor, rows, model)]

    found = all_of(exported)
    alone = type(exported).survey is Predictor.survey
    some = rows[: len(texts)] if alone else []  # other predictors search the rows that they are given
    others: dict[int, str] = {}
    for size in BATCHES:
        in_batches = [
            *(each for part in _parts(texts, size) for each in predicted(part)),
            *(each for part in _parts(some, size) for each in _measured(exported, part, model)),
        ]
        others = _compare(in_batches, wanted[: len(texts) + len(some)], size) | others
    others = _compare(found, wanted, len(wanted)) | others
    if others:
        # The same graphs, on the way to the decisions of the run, and to those of the export.
        for follow in (True, False):
            checked = {
                name: _checked(name, graphs[name], original, ROUNDING, follow=follow)
                for name, original in originals.items()
            }
            try:
                decided = all_of(make(checked))
            except EnvironmentProblem as error:
                raise EnvironmentProblem(f"{others[min(others)]} ({error})") from None
            for place, difference in others.items() if follow else ():
                if decisions(decided[place][1]) != decisions(wanted[place][1]):
                    raise EnvironmentProblem(difference)
    checked = {
        name: _checked(name, graphs[name], original, TOLERANCE) for name, original in originals.items()
    }
    predictions_of(make(checked), experiment, texts)
    return Verified(expected, frozenset(place for place in others if place < len(texts)), len(others))


def _predicted(texts: Sequence[str], predictions: Sequence[Prediction]) -> Examples:
    return [(text, prediction.fields) for text, prediction in zip(texts, predictions, strict=True)]


def _measured(predictor: AnyPredictor, rows: Rows, model: OpenModel) -> Examples:
    if not rows:
        return []
    predictor.survey(rows)
    return [(example.describe(), _own(example)) for example in predictor.examples(rows, model.keys)]


def _own(example: Example) -> Mapping[str, object]:
    """What an example has by itself: rounding decides the places of records with the same score."""
    return {name: value for name, value in example.to_json().items() if name not in example.relative}


def _parts(items: Sequence[Any], size: int) -> Iterator[Sequence[Any]]:
    return (items[start : start + size] for start in range(0, len(items), size))


def _compare(found: Examples, wanted: Examples, size: int) -> dict[int, str]:
    """Where another decision is made, and how to say so.

    Raises:
        EnvironmentProblem: a number is far off.
    """
    others: dict[int, str] = {}
    for place, ((_, new), (shown, old)) in enumerate(zip(found, wanted, strict=True)):
        if decisions(new) != decisions(old):
            what = f"predicts {str(new)[:SHOWN]} for {shown[:SHOWN]!r} in a batch of {size}"
            others[place] = _refused(what, str(old))
    for place, ((_, new), (shown, old)) in enumerate(zip(found, wanted, strict=True)):
        if place not in others and not close(numbers(new), numbers(old)):
            what = f"gives the numbers {str(numbers(new))[:SHOWN]} for {shown[:SHOWN]!r}"
            # Another decision says more about what is wrong.
            said = _refused(f"{what} in a batch of {size}", str(numbers(old)))
            raise EnvironmentProblem(next(iter(others.values()), said))
    return others


def _checked(
    name: str, graph: Call, original: InferenceGraph, tolerance: float, *, follow: bool = False
) -> Call:
    """A graph whose outputs are compared with those of the run, also for the first rows of a batch alone.

    Args:
        follow: give the outputs of the run, so that decisions follow them.
    """
    import tensorflow as tf

    run = tf.function(original.call, input_signature=[original.inputs], autograph=False)

    def call(batch: Mapping[str, np.ndarray]) -> list[np.ndarray]:
        for size in (*BATCHES, None):
            part = {key: batch[key][:size] for key in original.inputs}
            outputs = run({key: tf.constant(array) for key, array in part.items()})
            tensors = outputs if isinstance(outputs, tuple | list) else (outputs,)
            expected = [tensor.numpy() for tensor in tensors]
            found = whole(graph, part)
            for output, new, old in zip(original.outputs, found, expected, strict=True):
                if not _near(new, old, tolerance):
                    shapes = {key: array.shape for key, array in part.items()}
                    what = f"gives other {output} of the graph {name} for arrays of the shapes {shapes}"
                    raise EnvironmentProblem(_refused(what))
        return expected if follow else found

    return call


def _near(new: np.ndarray, old: np.ndarray, tolerance: float) -> bool:
    """Whether arrays agree within a tolerance, relative to the size of a number above 1."""
    first, second = (array.astype(np.float64) for array in (new, old))
    return new.shape == old.shape and bool(
        (np.abs(first - second) <= tolerance * np.maximum(1, np.abs(second))).all()
    )


def _refused(what: str, expected: str = "") -> str:
    wanted = f", expected {expected[:SHOWN]}" if expected else ""
    return f"the exported model {what}{wanted}. Nothing was written."
