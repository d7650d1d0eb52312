"""Metrics of pictures."""

from __future__ import annotations

import math
import xml.etree.ElementTree as ElementTree

import pytest

from nlpx.metrics.class_accuracy import ClassAccuracy
from nlpx.metrics.confusion import Confusion, svg
from nlpx.metrics.examples import PictureExample
from nlpx.metrics.nll import NLL


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


def test_accuracies_are_shares_of_pictures() -> None:
    metric = ClassAccuracy()
    assert metric.result() == {}
    for each in EXAMPLES:
        metric.update(each)
    assert metric.result() == {
        "accuracy": 0.4,
        "main_accuracy": 0.6,
        "aux_accuracy": 0.4,
        "top_5_accuracy": 0.8,
    }
    assert metric.signature == "blend with alpha 0.83"


def test_nll_counts_a_picture_as_one() -> None:
    metric = NLL()
    for nll in (1.0, 2.0):
        metric.update(example("pug", "pug", nll=nll))
    assert metric.result() == {"nll": 1.5, "perplexity": pytest.approx(math.exp(1.5))}


def test_classes_count_equally() -> None:
    metric = Confusion()
    assert metric.result() == {}
    for each in EXAMPLES:
        metric.update(each)
    assert metric.accuracies == {'a<b & "c"': 0.0, "beagle": 0.0, "pug": pytest.approx(2 / 3)}
    assert metric.result() == {"macro_accuracy": pytest.approx(2 / 9), "worst_class_accuracy": 0.0}


def test_the_table_has_the_true_classes_as_rows() -> None:
    metric = Confusion()
    for each in EXAMPLES[:4]:
        metric.update(each)
    assert metric.files()["confusion.tsv"] == (
        "class\tbeagle\tpug\taccuracy\nbeagle\t0\t1\t0.0000\npug\t1\t2\t0.6667\n"
    )


def test_the_picture_has_a_square_for_every_pair_and_names_twice() -> None:
    metric = Confusion()
    for each in EXAMPLES:
        metric.update(each)
    root = ElementTree.fromstring(metric.files()["confusion.svg"])
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
