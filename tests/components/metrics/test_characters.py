"""NLL, character accuracy and distinct n-grams."""

from __future__ import annotations

import math
from itertools import pairwise
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlpx.components.metrics.base import Metric
from nlpx.components.metrics.char_accuracy import CharAccuracy
from nlpx.components.metrics.distinct import Distinct
from nlpx.components.metrics.nll import NLL
from nlpx.inference.evaluate import Report
from nlpx.specs.predictor import Example
from nlpx.tasks.segmentation.example import SegmentationExample
from nlpx.workflow.evaluate import Result
from tests.components.metrics.measuring import couplet, measure

LINES = st.lists(st.text("天地玄黄", max_size=6), max_size=6)


def likelihoods(*pairs: tuple[float, int]) -> dict[str, float]:
    return measure(NLL(), [SimpleNamespace(nll=nll, characters=characters) for nll, characters in pairs])


@pytest.mark.parametrize("metric", [NLL(), CharAccuracy(), Distinct()])
def test_nothing_counted_gives_no_number(metric: Metric) -> None:
    assert measure(metric, []) == measure(metric, [couplet("", "", "")]) == {}


def test_nll_is_a_mean_over_characters_not_records() -> None:
    assert likelihoods((3.0, 2), (1.0, 3)) == pytest.approx({"nll": 0.8, "perplexity": math.exp(0.8)})


def test_perplexity_of_a_uniform_guess_is_the_number_of_choices() -> None:
    assert likelihoods((5 * math.log(8000), 5))["perplexity"] == pytest.approx(8000)


def test_a_perplexity_beyond_float64_is_infinite() -> None:
    found = likelihoods((1e4, 1))
    assert found == {"nll": 1e4, "perplexity": math.inf}
    written = Result("test", 1, Report[Example](found, {}, 1, [], {}), {"other": found}).to_json()
    assert (written["metrics"], written["references"]) == ({"nll": 1e4}, {"other": {"nll": 1e4}})


def test_char_accuracy_counts_positions() -> None:
    examples = [couplet("天天", "地地", "地人"), couplet("一二三四", "五六七八", "五六八七")]
    assert measure(CharAccuracy(), examples) == {"char_accuracy": 3 / 6}


@given(LINES)
def test_distinct_is_the_share_of_different_ngrams(predictions: list[str]) -> None:
    unigrams = [c for line in predictions for c in line]
    bigrams = [a + b for line in predictions for a, b in pairwise(line)]
    expected = {
        name: len(set(found)) / len(found)
        for name, found in (("distinct_1", unigrams), ("distinct_2", bigrams))
        if found
    }
    assert measure(Distinct(), [SimpleNamespace(predicted_text=line) for line in predictions]) == expected


def test_examples_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ValueError, match="equally long"):
        couplet("天地", "山", "山水")
    with pytest.raises(ValueError, match="must concatenate to"):
        SegmentationExample("今天", ("今天",), ("今",), 0.0, 2, (True,))
    with pytest.raises(ValueError, match="1 reference words, but 2"):
        SegmentationExample("今天", ("今天",), ("今天",), 0.0, 2, (True, True))
