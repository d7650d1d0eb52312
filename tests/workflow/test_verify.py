"""Which differences between an export and its run are ties, and which are errors."""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest
import tensorflow as tf

from nlpx.errors import EnvironmentProblem
from nlpx.models.learner import InferenceGraph
from nlpx.specs.predictor import Prediction, Predictor
from nlpx.tasks.example import TaskExample
from nlpx.workflow.verify import ROUNDING, verify

TEXTS = ["a" * length for length in range(1, 13)]
"""Those of even length have two classes with the same score."""
Scores = Callable[[np.ndarray], np.ndarray]


class Decider(Predictor[Any, Any]):
    """Predicts the class with the highest score."""

    def __init__(self, call: Callable[[Mapping[str, np.ndarray]], Sequence[np.ndarray]]) -> None:
        self._call = call

    def predict(self, texts: Sequence[str]) -> list[Prediction]:
        lengths = np.array([[len(text)] for text in texts], np.float32)
        return [
            Prediction("", {"class": self.choose(row), "score": float(row.max())})
            for row in self._call({"length": lengths})[0]
        ]

    @staticmethod
    def choose(scores: np.ndarray) -> str:
        return "ab"[int(scores.argmax())]

    def examples(self, rows: Sequence[Any], known: Container[str]) -> list[Any]:
        return []


class Careless(Decider):
    """Decides for the other class if the difference is small."""

    @staticmethod
    def choose(scores: np.ndarray) -> str:
        return "ba"[int(scores.argmax())] if abs(scores[0] - scores[1]) < 1.5 else "ab"[int(scores.argmax())]


class Ranker(Decider):
    """Gives every text its place among all of them."""

    def examples(self, rows: Sequence[Any], known: Container[str]) -> list[Any]:
        found = [cast(float, prediction.fields["score"]) for prediction in self.predict(rows)]
        places = np.argsort(np.argsort(found)) / len(found)
        return [Placed(score, place) for score, place in zip(found, places.tolist(), strict=True)]


@dataclass(frozen=True, slots=True)
class Placed(TaskExample):
    """A score, and its place."""

    relative = frozenset({"place"})

    score: float
    place: float

    def describe(self) -> str:
        return f"{self.score}"


def scores(batch: Mapping[str, tf.Tensor]) -> tf.Tensor:
    length = batch["length"]
    return tf.concat([length, length + length % 2], 1)


def added(number: float) -> Callable[[Mapping[str, np.ndarray]], list[np.ndarray]]:
    """An export that adds a number to the scores of the second class."""

    def call(batch: Mapping[str, np.ndarray]) -> list[np.ndarray]:
        return [scores(batch).numpy() + np.array([0, number], np.float32)]

    return call


def verified(number: float, decider: type[Decider] = Decider, rows: Sequence[Any] = ()) -> Any:
    graph = InferenceGraph(scores, {"length": tf.TensorSpec((None, 1), tf.float32)}, ("scores",))
    model = SimpleNamespace(
        experiment=SimpleNamespace(takes_input=True),
        predictor=(decider if rows else Decider)(added(0.0)),
        keys=(),
    )
    make = lambda graphs: decider(graphs["scores"])  # noqa: E731
    return verify(cast(Any, model), make, {"scores": added(number)}, {"scores": graph}, TEXTS, rows)


def test_equal_models_have_no_ties() -> None:
    found = verified(0.0)
    assert (found.ties, found.tied) == (frozenset(), 0)
    assert [prediction.fields["class"] for prediction in found.predictions] == ["b", "a"] * 6


def test_other_decisions_within_rounding_are_ties() -> None:
    found = verified(4e-6)
    assert found.ties == {1, 3, 5, 7, 9, 11}
    assert found.tied == 6
    assert [prediction.fields["class"] for prediction in found.predictions] == ["b", "a"] * 6


@pytest.mark.parametrize(
    ("number", "reason"), [(5 * ROUNDING, "other scores of the graph"), (0.5, ""), (-2.0, "")]
)
def test_other_decisions_from_other_numbers_are_errors(number: float, reason: str) -> None:
    """Also if scores agree to the tolerance of scores, which is larger than rounding."""
    said = rf"predicts \{{'class': .*expected \{{'class'.*{reason}"
    with pytest.raises(EnvironmentProblem, match=said):
        verified(number)


def test_places_among_other_records_may_differ() -> None:
    """Rounding decides which of two records with the same score comes first; here, batches do."""
    assert verified(4e-6, Ranker, ["aaa", "aaaa", "aaa"]).tied == 6


def test_other_decisions_from_the_same_numbers_are_errors() -> None:
    """The decoder of the export is wrong, however close the scores are."""
    with pytest.raises(EnvironmentProblem, match=r"predicts \{'class': .*expected \{'class'"):
        verified(0.0, Careless)
