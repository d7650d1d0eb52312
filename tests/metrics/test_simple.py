"""NLL, character accuracy and distinct n-grams."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlpx.inference.evaluate import Report
from nlpx.metrics.base import Metric
from nlpx.metrics.char_accuracy import CharAccuracy
from nlpx.metrics.distinct import Distinct
from nlpx.metrics.examples import CoupletExample, SegmentationExample
from nlpx.metrics.nll import NLL
from nlpx.tasks.base import Example
from nlpx.workflow.evaluate import Result
from tests.metrics.couplets import couplet, measure

LINES = st.lists(st.text("天地玄黄", max_size=6), max_size=6)


@pytest.mark.parametrize("metric", [NLL, CharAccuracy, Distinct])
def test_nothing_counted_gives_no_number(metric: type[Metric[CoupletExample]]) -> None:
    assert metric().result() == {}
    assert measure(metric(), [couplet("", "", "")]) == {}


def test_nll_is_a_mean_over_characters_not_rows() -> None:
    metric = NLL()
    metric.update(CoupletExample("天地", "山河", "山水", nll=3.0, characters=2))
    metric.update(SegmentationExample("今天好", ("今天", "好"), ("今", "天好"), 1.0, 3, (True, True)))
    assert metric.result() == pytest.approx({"nll": 0.8, "perplexity": math.exp(0.8)})


def test_perplexity_of_a_uniform_guess_is_the_number_of_choices() -> None:
    metric = NLL()
    metric.update(CoupletExample("天" * 5, "地" * 5, "山" * 5, nll=5 * math.log(8000), characters=5))
    assert metric.result()["perplexity"] == pytest.approx(8000)


def test_a_perplexity_beyond_float64_is_infinite() -> None:
    metric = NLL()
    metric.update(CoupletExample("天", "地", "山", nll=1e4, characters=1))
    assert metric.result() == {"nll": 1e4, "perplexity": math.inf}
    report = Report[Example](metric.result(), {}, 1, [], {})
    written = Result("test", 1, report, {"other": metric.result()}).to_json()
    assert (written["metrics"], written["references"]) == ({"nll": 1e4}, {"other": {"nll": 1e4}})


def test_char_accuracy_counts_positions() -> None:
    examples = [couplet("天天", "地地", "地人"), couplet("一二三四", "五六七八", "五六八七")]
    assert measure(CharAccuracy(), examples) == {"char_accuracy": 3 / 6}


@given(LINES)
def test_distinct_is_the_share_of_different_ngrams(answers: list[str]) -> None:
    unigrams = [c for line in answers for c in line]
    bigrams = [a + b for line in answers for a, b in pairwise(line)]
    expected = {
        name: len(set(found)) / len(found)
        for name, found in (("distinct_1", unigrams), ("distinct_2", bigrams))
        if found
    }
    assert measure(Distinct(), [couplet(line, line, line) for line in answers]) == expected


def test_examples_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ValueError, match="equally long"):
        couplet("天地", "山", "山水")
    with pytest.raises(ValueError, match="join into the text"):
        SegmentationExample("今天", ("今天",), ("今",), 0.0, 2, (True,))
    with pytest.raises(ValueError, match="1 reference words, but 2"):
        SegmentationExample("今天", ("今天",), ("今天",), 0.0, 2, (True, True))
