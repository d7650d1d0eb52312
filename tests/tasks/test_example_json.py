"""Examples are read from predictions files as they were written."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from nlpx.components.metrics.elbo import EvidenceLowerBound
from nlpx.components.metrics.example import Bounds, Familiarity, Pair
from nlpx.components.sources.linked_texts import Mention
from nlpx.core.component import builtin_registry
from nlpx.errors import DamagedRun
from nlpx.runs.directory import RunDirectory
from nlpx.runs.predictions import read_predictions
from nlpx.tasks.digits.example import DigitExample
from nlpx.tasks.example import TaskExample
from nlpx.tasks.linking.example import LinkingExample
from nlpx.tasks.ode.example import StateExample
from nlpx.tasks.poem.example import VerseExample
from nlpx.tasks.segmentation.example import SegmentationExample
from nlpx.tasks.similarity.example import QuestionExample

POEM = VerseExample(
    "明月光", "明月光", Bounds(3, 2.5, 2.0, 0.5, (1.0, 2.0)), ("一", "二"), Familiarity(False, 1.0, 2.0)
)
WRITTEN = [
    SegmentationExample(
        "研究生命", ("研究", "生命"), ("研究生", "命"), 1.5, 4, (True, False), group=("seen",)
    ),
    DigitExample("a.png", "3", "8", {"3": 0.2, "8": 0.9}, 2),
    DigitExample("a.png", "3", "8", {"3": 0.2, "8": 0.9}, 2, Pair(("3", "8"), {"3": 1.0, "8": 0.5})),
    LinkingExample("李娜夺冠", (Mention("李娜", 0, "7"),), (), ("7",)),
    StateExample("x.csv:3", 0.5, ("x", "y"), (1.0, None), (0.9, 2.0)),
]


@pytest.mark.parametrize("example", WRITTEN, ids=lambda example: type(example).__name__)
def test_round_trip(example: TaskExample) -> None:
    assert type(example).of_json(json.loads(json.dumps(example.to_json()))) == example


def test_a_field_with_a_default_may_be_absent() -> None:
    example = WRITTEN[1]
    assert DigitExample.of_json({k: v for k, v in example.to_json().items() if k != "pair"}) == example


def test_what_is_not_written_is_missing() -> None:
    read = VerseExample.of_json(json.loads(json.dumps(POEM.to_json())))
    assert [*read.elbo] == [*POEM.elbo[:-1], None]
    assert read.severity == POEM.severity
    asked = QuestionExample.of_json({"text": "问", "group_id": "1"})
    assert not hasattr(asked, "point")
    assert [*asked.to_json()][:2] == ["text", "group_id"]
    assert EvidenceLowerBound().terms(read) == EvidenceLowerBound().terms(POEM)


@pytest.mark.parametrize(
    "line", [{}, {"text": 3}, {"text": "a", "reference": "a", "answer": ["a"], "nll": "x"}, {"text": None}]
)
def test_other_lines_are_refused(line: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="SegmentationExample"):
        SegmentationExample.of_json(line)


def test_every_task_names_its_examples() -> None:
    tasks = [entry for entry in builtin_registry() if entry.kind == "task"]
    named = {entry.name for entry in tasks if "example_type" in vars(entry.component)}
    assert named == {entry.name for entry in tasks}


def test_a_predictions_file_of_another_task_is_damage(tmp_path: Path) -> None:
    run = RunDirectory(tmp_path)
    run.eval_folder.mkdir()
    run.predictions_path("test").write_text(json.dumps(WRITTEN[0].to_json()) + "\n{}\n", encoding="utf-8")
    with pytest.raises(
        DamagedRun, match=r"test\.predictions\.jsonl:2: damaged: not a prediction of this task"
    ):
        read_predictions(run, "test", SegmentationExample)
    assert read_predictions(run, "valid", SegmentationExample) == []
