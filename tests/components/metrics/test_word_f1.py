"""Word precision, recall and F1."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlpx.components.metrics.word_f1 import WordF1, spans
from nlpx.tasks.segmentation.example import SegmentationExample
from tests.components.metrics.measuring import measure


def sentence(reference: str, answer: str, known: str = "") -> SegmentationExample:
    """Words divided by /; words of the training rows divided by /."""
    gold = tuple(filter(None, reference.split("/")))
    words = tuple(filter(None, answer.split("/")))
    text = "".join(gold)
    return SegmentationExample(text, gold, words, 0.0, len(text), tuple(w in known.split("/") for w in gold))


@st.composite
def sentences(draw: st.DrawFn) -> SegmentationExample:
    text = draw(st.text("天地人中", max_size=8))
    reference, answer = ["".join(c + draw(st.sampled_from(["", "/"])) for c in text) for _ in range(2)]
    return sentence(reference, answer, draw(st.sampled_from(["", "天", "天/地/人/中", "天地/人"])))


def slow_scores(examples: list[SegmentationExample]) -> dict[str, float]:
    """By borders: a word is found if the answer has a border on both sides of it and none inside."""
    found: dict[bool, int] = {True: 0, False: 0}
    total: dict[bool, int] = {True: 0, False: 0}
    answered = 0
    for example in examples:
        borders = [True]
        for word in example.answer:
            borders += [False] * (len(word) - 1) + [True]
        answered += len(example.answer)
        at = 0
        for word, known in zip(example.reference, example.known, strict=True):
            inside = borders[at + 1 : at + len(word)]
            found[known] += borders[at] and borders[at + len(word)] and not any(inside)
            total[known] += 1
            at += len(word)
    tp, gold = sum(found.values()), sum(total.values())
    fractions = {
        "precision": (tp, answered),
        "recall": (tp, gold),
        "f1": (2 * tp, answered + gold),
        "oov_recall": (found[False], total[False]),
        "iv_recall": (found[True], total[True]),
    }
    return {name: float(Fraction(a, b)) for name, (a, b) in fractions.items() if b}


@given(st.lists(sentences(), max_size=6))
def test_equals_counting_by_borders(examples: list[SegmentationExample]) -> None:
    assert measure(WordF1(), examples) == pytest.approx(slow_scores(examples), abs=1e-15)


def test_the_hand_checked_example() -> None:
    found = measure(WordF1(), [sentence("今天/天气/不/错", "今天/天气/不错", known="今天/不")])
    assert found == pytest.approx(
        {"precision": 2 / 3, "recall": 2 / 4, "f1": 0.5714, "oov_recall": 1 / 2, "iv_recall": 1 / 2}, abs=5e-5
    )


def test_equal_words_at_other_places_are_not_found() -> None:
    found = measure(WordF1(author_set_recall=True), [sentence("地/天地", "地天/地")])
    assert found["f1"] == 0
    assert found["set_recall"] == 0.5


def test_counts_are_summed_over_sentences() -> None:
    found = measure(WordF1(), [sentence("天", "天"), sentence("天/地/人", "天地人")])
    assert found["f1"] == 2 * 1 / (2 + 4)


def test_set_recall_of_the_article() -> None:
    examples = [sentence("的/天/的/地", "的/天/的地"), sentence("好", "好")]
    assert measure(WordF1(author_set_recall=True), examples)["set_recall"] == (2 + 1) / (3 + 1)
    assert "set_recall" not in measure(WordF1(), examples)


def test_without_words_there_are_no_numbers() -> None:
    assert measure(WordF1(author_set_recall=True), [sentence("", "")]) == {}
    assert set(measure(WordF1(), [sentence("天", "天", known="天")])) == {
        "precision",
        "recall",
        "f1",
        "iv_recall",
    }


def test_spans_count_code_points() -> None:
    assert spans(["👩‍👩‍👧", "𠮷野", "家"]) == [(0, 5), (5, 7), (7, 8)]
    assert spans([]) == []
