"""What holds for every metric, and for the examples of every task."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from nlpx.components.metrics.analogy import Question
from nlpx.components.metrics.base import Metric
from nlpx.components.metrics.example import Bounds, Familiarity, Pair
from nlpx.components.sources.linked_texts import Mention
from nlpx.config.load import load_experiment
from nlpx.core.component import builtin_registry
from nlpx.data.word_vectors import WordVectors
from nlpx.specs.experiment import Experiment
from nlpx.specs.predictor import Example
from nlpx.tasks.couplet.example import CoupletExample
from nlpx.tasks.digits.example import DigitExample
from nlpx.tasks.gan.example import SampleExample
from nlpx.tasks.image_classification.example import PictureExample
from nlpx.tasks.linking.example import LinkingExample
from nlpx.tasks.ocr.example import GlyphExample
from nlpx.tasks.ocr_lines.example import LineExample
from nlpx.tasks.ode.example import StateExample
from nlpx.tasks.poem.example import VerseExample
from nlpx.tasks.segmentation.example import SegmentationExample
from nlpx.tasks.sentiment.example import SentimentExample
from nlpx.tasks.similarity.example import QuestionExample
from nlpx.tasks.similarity.pair_example import PairExample
from nlpx.tasks.title.example import TitleExample
from nlpx.tasks.vectors.example import Questions, WordTextExample
from nlpx.text.points import Points
from tests.components.metrics.measuring import counted, measure
from tests.plugins import forgotten
from tests.specs.test_document import name

VERSE = "春眠不觉晓处处闻啼鸟夜来风雨声花落知多少"
LINES = tuple(VERSE[start : start + 5] for start in range(0, 20, 5))

EXAMPLES: dict[str, Sequence[Example]] = {
    "couplet": [
        CoupletExample("天 地", "山 水", "山 河", nll=2.0, characters=2, group=("seen",)),
        CoupletExample("春，春花", "秋，秋月", "秋，秋叶", nll=3.0, characters=4),
    ],
    "digits": [
        DigitExample("a:1", "3", "3", {"3": 0.8, "7": 0.2}, 1, Pair(("3", "7"), {"3": 0.7, "7": 0.6})),
        DigitExample("a:2", "7", "3", {"3": 0.8, "7": 0.2}, 2, Pair(("7", "3"), {"3": 0.7, "7": 0.1})),
    ],
    "gan": [
        SampleExample("a:1", (1.0, 0.5), (0.5, 0.0), "left", 0.3),
        SampleExample("a:2", (2.0, 0.0), (0.5, 1.0), "left", -0.3),
    ],
    "image_classification": [
        PictureExample("a.jpg", "pug", "pug", "pug", "beagle", 0.5, rank=1, nll=0.7, alpha=0.8),
        PictureExample("b.jpg", "beagle", "pug", "beagle", "pug", 0.6, rank=2, nll=1.7, alpha=0.8),
    ],
    "ocr": [
        GlyphExample("a.png", "土", "土", 0.9, rank=1, nll=0.1),
        GlyphExample("b.png", "士", "土", 0.6, rank=2, nll=1.1),
    ],
    "ocr_lines": [
        LineExample("a.png", "春眠", "春眠", nll=0.1, characters=2),
        LineExample("b.png", "不觉晓", "不晓", nll=4.1, characters=3),
    ],
    "ode": [
        StateExample("a:1", 0.0, ("x", "y"), (1.0, None), (1.5, 2.0)),
        StateExample("a:2", 1.0, ("x", "y"), (2.0, 1.0), (1.0, 1.25)),
    ],
    "poem": [
        VerseExample(
            VERSE, VERSE, Bounds(20, 50.0, 48.0, 5.0, (0.0, mean)), LINES, Familiarity(False, -40.0, -30.0)
        )
        for mean in (1.0, 2.0)
    ],
    "linking": [
        LinkingExample(
            "甲在乙", (Mention("甲", 0, "1"), Mention("乙", 2, "2")), (Mention("甲", 0, "1"),), ("1", "")
        ),
        LinkingExample("丙", (Mention("丙", 0, "3"),), (Mention("丙", 0, "4"),), ("3",)),
    ],
    "segmentation": [
        SegmentationExample("今天好", ("今天", "好"), ("今", "天好"), 1.0, 3, (True, False)),
        SegmentationExample("不错", ("不错",), ("不错",), 0.5, 2, (True,)),
    ],
    "similarity": [
        QuestionExample("甲", "1", Points.of_dense(np.array([[1.0, 0.0]], np.float32))),
        QuestionExample("乙", "1", Points.of_dense(np.array([[0.6, 0.8]], np.float32))),
    ],
    "similarity over scored pairs": [PairExample("甲", "乙", 0.0, 0.1), PairExample("甲", "丙", 1.0, 0.9)],
    "sentiment": [
        SentimentExample("很好", "好", "好", {"好": 0.8, "差": 0.2}, nll=0.2, rank=1),
        SentimentExample("不好", "差", "好", {"好": 0.6, "差": 0.4}, nll=0.9, rank=2),
    ],
    "title": [
        TitleExample("今天下雨了", "下雨", "今天雨", True, nll=4.0, characters=3),
        TitleExample("明天放晴", "放晴", "放晴放晴放", False, nll=2.0, characters=3),
    ],
}
VECTORS = WordVectors(["甲", "乙", "丙", "丁"], np.array([[1, 0], [1, 1], [0, 1], [-1, 1]], np.float32))
ASKED = Questions(VECTORS, [("甲", "乙", 3.0), ("甲", "丙", 1.0)], [Question("甲", "乙", "丙", "丁")])
EXAMPLES["vectors"] = [WordTextExample("甲 乙", 2.0, 2, 0, ASKED), WordTextExample("丙", 1.0, 1, 1, ASKED)]
METRICS = [entry for entry in builtin_registry() if issubclass(entry.component, Metric)]
READ = {"head_classes"} | {value for entry in METRICS for value in entry.component.needs}
"""What metrics read of examples; heads are read where there are any."""


def given(example: Example) -> set[str]:
    return {value for value in READ if hasattr(example, value)}


FITTING = [
    pytest.param(entry.component.model_validate({"type": entry.name}), examples, id=f"{entry.name}-{task}")
    for entry in METRICS
    for task, examples in EXAMPLES.items()
    if entry.component.needs <= given(examples[0])
]
"""Every metric with the examples of every task that have what it needs."""


def test_metrics_of_texts_fit_every_task_with_texts() -> None:
    pairs = {str(parameter.id) for parameter in FITTING}
    assert {
        f"{metric}-{task}" for metric in ("bleu", "rouge", "distinct") for task in ("couplet", "title")
    } <= pairs
    assert {f"nll-{task}" for task in ("couplet", "image_classification", "segmentation", "title")} <= pairs


@pytest.mark.parametrize(("metric", "examples"), FITTING)
def test_it_gives_the_numbers_it_says(metric: Metric, examples: Sequence[Example]) -> None:
    counting = counted(metric, examples)
    found = counting.result()
    assert set(found) == set(metric.numbers(frozenset(given(examples[0]))))
    assert all(map(math.isfinite, found.values()))
    assert counting.result() == found
    assert all(isinstance(text, str) for text in [counting.signature, *counting.files().values()])


@pytest.mark.parametrize(("metric", "examples"), FITTING)
def test_it_reads_no_more_than_it_needs(metric: Metric, examples: Sequence[Example]) -> None:
    bare = [SimpleNamespace(**{value: getattr(each, value) for value in metric.needs}) for each in examples]
    found = measure(metric, bare)
    assert found
    assert found.items() <= measure(metric, examples).items()


@pytest.mark.parametrize(("metric", "examples"), FITTING)
def test_what_is_counted_is_in_the_copy_alone(metric: Metric, examples: Sequence[Example]) -> None:
    before = repr(metric.__pydantic_private__)
    counting = counted(metric, examples)
    assert repr(metric.__pydantic_private__) == before
    assert metric == metric.model_validate({"type": metric.type})
    assert measure(metric, []) == measure(counting, []) == {}
    assert measure(metric, examples) == measure(counting, examples) == counting.result()


PLUGIN = """
from typing import ClassVar, Literal
from nlpx.components.metrics.base import Metric

class Length(Metric):
    type: Literal["length"] = "length"
    needs: ClassVar[frozenset[str]] = frozenset({"predicted_text"})
    directions: ClassVar[dict[str, str]] = {"mean_length": "max"}

    def terms(self, example):
        return {"mean_length": (len(example.predicted_text), 1)}
"""


@pytest.mark.parametrize("task", ["couplet", "title"])
def test_a_metric_is_one_file(task: str, tmp_path: Path) -> None:
    (tmp_path / "length.py").write_text(PLUGIN, encoding="utf-8")
    text = (
        f"task: {task}\ninclude: [length.py]\nmetrics: [length]\ncheckpoint: {{monitor: valid/mean_length}}\n"
    )
    (tmp_path / "c.yaml").write_text(text, encoding="utf-8")
    with forgotten():
        (metric,) = load_experiment(tmp_path / "c.yaml").experiment.metrics
    assert measure(metric, EXAMPLES[task]) == {"mean_length": {"couplet": 3, "title": 4}[task]}
    assert measure(metric, []) == {}


def test_examples_have_what_their_task_gives() -> None:
    registry = builtin_registry()
    tasks = {e.name: e.component for e in registry if issubclass(e.component, Experiment)}
    for task, component in tasks.items():
        kinds = [kind for kind in EXAMPLES if kind.split()[0] == task]
        had = set().union(*(given(example) for kind in kinds for example in EXAMPLES[kind][:1]))
        assert had == component.could_give(registry) & READ, task


def test_every_metric_needs_something() -> None:
    assert [name(entry) for entry in METRICS if not entry.component.needs] == []


def test_a_line_of_the_predictions_file() -> None:
    lines = {task: list(examples[0].to_json()) for task, examples in EXAMPLES.items()}
    assert lines == {
        "couplet": ["upper", "reference", "answer", "nll", "characters", "group"],
        "digits": [
            *("image", "reference", "prediction", "scores", "rank", "pair_classes", "pair_scores", "group")
        ],
        "gan": ["place", "real", "sample", "mode", "discriminator", "group"],
        "image_classification": [
            *("picture", "reference", "answer", "main", "aux", "probability", "rank", "nll", "alpha"),
            *("characters", "group"),
        ],
        "ocr": ["image", "reference", "prediction", "probability", "rank", "nll", "characters", "group"],
        "ocr_lines": ["image", "reference", "prediction", "nll", "characters", "group"],
        "ode": ["place", "time", "variables", "reference", "predicted", "group"],
        "poem": [
            *("text", "answer", "right", "nelbo", "iw_nll", "kl", "composed", "copied", "composed_bigram"),
            *("row_bigram", "group"),
        ],
        "linking": ["text", "reference", "prediction", "chosen", "group"],
        "segmentation": ["text", "reference", "answer", "nll", "characters", "known", "group"],
        "sentiment": [
            *("text", "reference", "prediction", "probabilities", "nll", "rank", "characters", "group")
        ],
        "similarity": ["text", "group_id", "nearest", "score", "right", "lead", "group"],
        "similarity over scored pairs": ["first", "second", "score", "answer", "off", "group"],
        "title": ["article", "reference", "answer", "finished", "nll", "characters", "group"],
        "vectors": ["text", "nll", "characters", "unknown", "group"],
    }
