"""The list of the worst answers, with numbers of any kind."""

from __future__ import annotations

import math
from types import SimpleNamespace
from typing import Any, cast

import pytest

from nlpx.core.build import implementation
from nlpx.core.component import Split, builtin_registry
from nlpx.inference.evaluate import evaluate
from nlpx.tasks.base import Task
from nlpx.tasks.scored_pairs import ScoredPairTask
from nlpx.tasks.similarity import SimilarityTask


@pytest.mark.parametrize("worst", [0, 2, 9])
def test_the_worst_come_first_and_what_is_no_number_before_all(worst: int) -> None:
    rows = [0.5, math.nan, 3.0, -math.inf, 3.0, math.inf]
    task = SimpleNamespace(experiment=SimpleNamespace(metrics=[]), severity=lambda example: example.value)
    predictor = SimpleNamespace(
        survey=lambda rows: None,
        examples=lambda rows, known: [SimpleNamespace(value=row, group=(), place=row) for row in rows],
    )
    report = evaluate(cast(Any, task), cast(Any, predictor), lambda: cast(Any, rows), (), worst=worst)
    assert [severity for severity, _ in report.worst] == [math.inf, math.inf, 3, 3, 0.5, -math.inf][:worst]
    assert [math.isnan(example.value) for _, example in report.worst][:1] == [True][:worst]


def test_every_task_says_by_what_the_worst_are_sorted() -> None:
    tasks = {builtin_registry().find("task", name).component for name in builtin_registry().names("task")}
    classes = {implementation(spec) for spec in tasks if issubclass(spec, Split)} | {
        ScoredPairTask,
        SimilarityTask,
    }
    named = {
        cls.__name__: cls.severity_is for cls in classes if isinstance(cls, type) and issubclass(cls, Task)
    }
    assert len(named) >= 7
    assert [name for name, measure in named.items() if measure == Task.severity_is] == []
