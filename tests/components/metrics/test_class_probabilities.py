"""Metrics of classes and their probabilities against pairs, bins and counts by hand."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlpx.components.metrics.auc import AUC
from nlpx.components.metrics.calibration import Calibration
from nlpx.components.metrics.class_accuracy import ClassAccuracy
from nlpx.components.metrics.class_f1 import ClassF1
from nlpx.tasks.sentiment.config import Sentiment
from tests.components.metrics.measuring import counted, measure

TASK = Sentiment(task="sentiment")


def example(reference: str, *shares: float, predicted: str = "a") -> SimpleNamespace:
    probabilities = dict(zip("abcd", shares, strict=False))
    return SimpleNamespace(
        reference_class=reference, class_probabilities=probabilities, predicted_class=predicted
    )


ROWS = st.lists(
    st.tuples(st.sampled_from("abcx"), st.lists(st.integers(0, 4), min_size=3, max_size=3)), max_size=12
)


@given(ROWS)
def test_auc_counts_pairs_in_the_right_order(rows: Sequence[tuple[str, list[int]]]) -> None:
    areas = []
    for place, label in enumerate("abc"):
        own = [shares[place] for reference, shares in rows if reference == label]
        others = [shares[place] for reference, shares in rows if reference != label]
        wins = [(mine > other) + (mine == other) / 2 for mine, other in product(own, others)]
        areas += [sum(wins) / len(wins)] if wins else []
    expected = {"auc": pytest.approx(sum(areas) / len(areas))} if areas else {}
    assert measure(AUC(), [example(reference, *shares) for reference, shares in rows]) == expected


def test_both_of_two_classes_have_the_same_auc() -> None:
    rows = [example("a", 0.9, 0.1), example("a", 0.4, 0.6), example("b", 0.6, 0.4), example("b", 0.2, 0.8)]
    assert measure(AUC(), rows) == {"auc": 0.75}


def test_calibration_by_hand() -> None:
    # Two bins: {.5, .6} with one of two right, {.9, .7, 1} shares of three with all right but one.
    rows = [example("a", 0.55, 0.45), example("b", 0.6, 0.4), example("a", 0.9, 0.1), example("b", 0.8, 0.2)]
    rows.append(example("b", 0.0, 1.0))
    expected = (abs(1 - 1.15) + abs(2 - 2.7)) / 5
    assert measure(Calibration(bins=4), rows) == {"calibration_error": pytest.approx(expected)}
    assert measure(Calibration(), []) == {}


def test_probabilities_that_are_frequencies_are_calibrated() -> None:
    rows = [example(label, 0.8, 0.2) for label in "aaaab"]
    assert measure(Calibration(), rows)["calibration_error"] == pytest.approx(0, abs=1e-9)


def test_f1_by_hand() -> None:
    pairs = ["aa", "aa", "ab", "ba", "bb", "ca"]
    metric = counted(ClassF1(), [example(pair[0], predicted=pair[1]) for pair in pairs])
    # a: precision 2/4, recall 2/3; b: 1/2 and 1/2; c is never right.
    f1 = {"a": 2 * 0.5 * (2 / 3) / (0.5 + 2 / 3), "b": 0.5, "c": 0.0}
    assert metric.result() == {"macro_f1": pytest.approx(sum(f1.values()) / 3)}
    assert {label: row[2] for label, row in metric.table().items()} == pytest.approx(f1)
    assert metric.files()["classes.tsv"].splitlines()[1] == "a\t0.5000\t0.6667\t0.5714\t3"
    assert measure(ClassF1(), []) == {}


def test_a_task_with_one_head_has_no_numbers_of_two() -> None:
    assert set(ClassAccuracy().numbers(TASK.given())) == {"accuracy", "top_5_accuracy"}
    assert {"accuracy", "macro_f1", "auc", "calibration_error", "nll"} <= TASK.numbers().keys()
    assert "main_accuracy" not in TASK.numbers()


def test_copies_count_for_themselves() -> None:
    for metric in (AUC(), Calibration(), ClassF1()):
        counted(metric, [example("a", 0.5, 0.5), example("b", 0.4, 0.6)])
        assert measure(metric, []) == {}
