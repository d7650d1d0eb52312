"""Metrics of classes."""

from __future__ import annotations

import math
import xml.etree.ElementTree as ElementTree
from types import SimpleNamespace

import pytest

from nlpx.components.metrics.class_accuracy import ClassAccuracy
from nlpx.components.metrics.confusion import Confusion, svg
from nlpx.components.metrics.nll import NLL
from nlpx.tasks.image_classification.example import PictureExample
from tests.components.metrics.measuring import counted, measure


def example(
    reference: str, answer: str, *, main: str = "", aux: str = "", rank: int = 1, nll: float = 0.5
) -> PictureExample:
    return PictureExample("a.jpg", reference, answer, main or answer, aux or answer, 0.5, rank, nll, 0.83)


EXAMPLES = [
    example("pug", "pug", aux="beagle", rank=1),
    example("pug", "beagle", main="pug", rank=2),
    example("pug", "pug", rank=1),
    example("beagle", "pug", aux="beagle", rank=6),
    example('a<b & "c"', "pug", rank=5),
]


def test_accuracies_are_shares_of_records() -> None:
    metric = counted(ClassAccuracy(), EXAMPLES)
    assert metric.result() == {
        "accuracy": 0.4,
        "main_accuracy": 0.6,
        "aux_accuracy": 0.4,
        "top_5_accuracy": 0.8,
    }
    assert metric.signature == "blend with alpha 0.83"


def test_a_model_with_one_head_has_the_accuracy_of_that() -> None:
    examples = [
        SimpleNamespace(reference_class="好", predicted_class=predicted, reference_rank=rank)
        for predicted, rank in (("好", 1), ("差", 2))
    ]
    metric = counted(ClassAccuracy(), examples)
    assert metric.result() == {"accuracy": 0.5, "top_5_accuracy": 1.0}
    assert metric.signature == ""


def test_nll_counts_an_image_as_one() -> None:
    found = measure(NLL(), [example("pug", "pug", nll=nll) for nll in (1.0, 2.0)])
    assert found == {"nll": 1.5, "perplexity": pytest.approx(math.exp(1.5))}


def test_classes_count_equally() -> None:
    metric = counted(Confusion(), EXAMPLES)
    assert metric.accuracies == {'a<b & "c"': 0.0, "beagle": 0.0, "pug": pytest.approx(2 / 3)}
    assert metric.result() == {"macro_accuracy": pytest.approx(2 / 9), "worst_class_accuracy": 0.0}


def test_the_table_has_the_true_classes_as_rows() -> None:
    assert counted(Confusion(), EXAMPLES[:4]).files()["confusion.tsv"] == (
        "class\tbeagle\tpug\taccuracy\nbeagle\t0\t1\t0.0000\npug\t1\t2\t0.6667\n"
    )


def test_the_image_has_a_square_for_every_pair_and_names_twice() -> None:
    root = ElementTree.fromstring(counted(Confusion(), EXAMPLES).files()["confusion.svg"])
    space = "{http://www.w3.org/2000/svg}"
    assert len(root.findall(f"{space}rect")) == 1 + 3 * 3
    texts = [text.text for text in root.findall(f"{space}text")]
    assert texts.count('a<b & "c"') == 2
    assert sorted(text for text in texts if text and text.isdigit()) == ["1", "1", "1", "2"]


def test_the_diagonal_is_green_and_errors_are_red() -> None:
    cells = [line for line in svg(["a", "b"], [[9, 1], [0, 5]]).splitlines() if "stroke" in line]
    red, green, blue = (int(part) for part in cells[0].split("rgb(")[1].split(")")[0].split(","))
    assert green > max(red, blue)
    assert "rgb(255," in cells[1]
    assert "rgb(255,255,255)" in cells[2]
