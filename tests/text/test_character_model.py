"""A language model of characters against counting by hand."""

from __future__ import annotations

from collections import Counter
from math import log

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlpx.text.character_model import DISCOUNT, CharacterModel

SIZE = 4
TEXTS = st.lists(st.lists(st.integers(0, SIZE - 1), max_size=8), max_size=5)


def by_hand(texts: list[list[int]], history: tuple[int, ...], char: int) -> float:
    """p(char | history) by dictionaries."""
    if not history:
        flat = [c for text in texts for c in text]
        return (flat.count(char) + 1) / (len(flat) + SIZE)
    shorter = by_hand(texts, history[1:], char)
    n = len(history) + 1
    grams = Counter(tuple(text[i : i + n]) for text in texts for i in range(len(text) - n + 1))
    after = {gram: count for gram, count in grams.items() if gram[:-1] == history}
    total = sum(after.values())
    if not total:
        return shorter
    return (max(after.get((*history, char), 0) - DISCOUNT, 0) + DISCOUNT * len(after) * shorter) / total


@given(TEXTS, st.lists(st.integers(0, SIZE - 1), max_size=6))
@settings(max_examples=40)
def test_probabilities_are_those_of_counting(texts: list[list[int]], text: list[int]) -> None:
    found = CharacterModel(map(np.array, texts), SIZE).log_probabilities(np.array(text, int))
    assert found.shape == (len(text), 4)
    for t, char in enumerate(text):
        for n in range(1, 5):
            history = tuple(text[max(t - n + 1, 0) : t])
            expected = log(by_hand(texts, history, char)) if len(history) == n - 1 else -np.inf
            assert found[t, n - 1] == pytest.approx(expected, abs=1e-9)


@given(TEXTS, st.lists(st.integers(0, SIZE - 1), min_size=3, max_size=3))
@settings(max_examples=20)
def test_probabilities_of_all_characters_sum_to_one(texts: list[list[int]], history: list[int]) -> None:
    model = CharacterModel(map(np.array, texts), SIZE)
    sums = sum(np.exp(model.log_probabilities(np.array([*history, char]))[-1]) for char in range(SIZE))
    np.testing.assert_allclose(sums, np.ones(4))


def test_too_many_characters() -> None:
    with pytest.raises(ValueError, match="too many"):
        CharacterModel([], 2**16)
