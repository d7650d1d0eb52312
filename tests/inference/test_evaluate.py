"""The list of the worst answers, with numbers of any kind."""

from __future__ import annotations

import math
from types import SimpleNamespace
from typing import Any, cast

import pytest

import nlpx.tasks.couplet.example
import nlpx.tasks.image_classification.example
import nlpx.tasks.poem.example
import nlpx.tasks.segmentation.example
import nlpx.tasks.similarity.example
import nlpx.tasks.similarity.pair_example
import nlpx.tasks.title.example  # noqa: F401
from nlpx.inference.evaluate import evaluate
from nlpx.tasks.example import TaskExample


@pytest.mark.parametrize("worst", [0, 2, 9])
def test_the_worst_come_first_and_what_is_no_number_before_all(worst: int) -> None:
    rows = [0.5, math.nan, 3.0, -math.inf, 3.0, math.inf]
    predictor = SimpleNamespace(
        survey=lambda rows: None,
        examples=lambda rows, known: [
            SimpleNamespace(value=row, severity=row, group=(), unwritten=(), place=row) for row in rows
        ],
    )
    report = evaluate([], cast(Any, predictor), lambda: cast(Any, rows), (), worst=worst)
    assert [severity for severity, _ in report.worst] == [math.inf, math.inf, 3, 3, 0.5, -math.inf][:worst]
    assert [math.isnan(example.value) for _, example in report.worst][:1] == [True][:worst]


def test_every_task_says_by_what_the_worst_are_sorted() -> None:
    examples = [each for each in TaskExample.__subclasses__() if each.__module__.startswith("nlpx.")]
    named = {example: example.severity_is for example in examples}
    assert len(named) >= 7
    assert all(named.values())
