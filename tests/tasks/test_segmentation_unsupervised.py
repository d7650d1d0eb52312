"""Segmentation by a language model against all segmentations."""

from __future__ import annotations

import math
from collections import Counter
from itertools import accumulate, product

import pytest

from nlpx.data.records import Sentence
from nlpx.specs.sections import Normalization, VocabularySection
from nlpx.tasks.segmentation.codec import SegmentationCodec
from nlpx.tasks.segmentation.unsupervised import WEIGHTS, LanguageModelPredictor
from nlpx.text.vocabulary import Vocabulary

OTHERS = "".join(map(chr, range(0x5000, 0x5000 + 2000)))
TEXTS = ["甲乙丙丁"] * 9 + [*"甲乙丙丁" * 2, "戊己", "己甲乙", OTHERS]
ROWS = [Sentence(f"here:{i}", (text,)) for i, text in enumerate(TEXTS)]


@pytest.fixture(scope="module")
def predictor() -> LanguageModelPredictor:
    codec = SegmentationCodec(Normalization(), 64, VocabularySection(min_count=1))
    characters = Vocabulary.build(Counter("".join(row.text for row in ROWS)))
    made = LanguageModelPredictor(codec, {"char": characters})
    made.prepare(lambda split: ROWS)
    return made


@pytest.mark.parametrize("text", ["甲", "甲乙丙丁戊", OTHERS[7:12], "丁戊己甲乙", "己己己甲", "甲乙丙丁丁丁"])
def test_the_words_are_the_best_of_all(predictor: LanguageModelPredictor, text: str) -> None:
    scores = predictor._model.log_probabilities(predictor._ids(text))

    def score(breaks: tuple[bool, ...]) -> float:
        states, total = [0], scores[0, 0]
        for t, begins in enumerate(breaks, start=1):
            states.append(0 if begins else min(states[-1] + 1, 3))
            weight = WEIGHTS[states[-2]][states[-1]]
            total += math.log(weight) + scores[t, states[-1]]
        return float(total)

    every = {breaks: score(breaks) for breaks in product([True, False], repeat=len(text) - 1)}
    words = predictor.predict([text])[0].fields["words"]
    assert "".join(words) == text  # type: ignore[arg-type]  # words
    ends = set(accumulate(map(len, words)))  # type: ignore[call-overload]  # words
    found = every[tuple(t in ends for t in range(1, len(text)))]
    assert found == pytest.approx(max(every.values()), abs=1e-9)  # ties may go either way


def test_texts_come_back_whole(predictor: LanguageModelPredictor) -> None:
    texts = ["", "甲乙丙丁", " 甲乙 😀😀", "甲" * 300]
    answers = [prediction.fields["words"] for prediction in predictor.predict(texts)]
    assert ["".join(words) for words in answers] == texts  # type: ignore[arg-type]  # words
    assert answers[1] == ["甲乙", "丙丁"]
    assert answers[2][0] == " "  # type: ignore[index]  # words
    (example,) = predictor.examples([Sentence("here", ("甲乙", "丙丁"))], {"甲乙"})
    assert (example.known, math.isnan(example.nll)) == ((True, False), True)
