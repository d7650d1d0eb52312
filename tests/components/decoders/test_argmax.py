"""The decoder of the source article."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlpx.components.decoders.argmax import Argmax
from nlpx.components.decoders.base import PLACEHOLDER

TOKENS = ["<unk>", *"天地人山水，"]


def slow_decode(upper: str, scores: np.ndarray, tokens: list[str]) -> str:
    """Probabilities zeroed as in the article, position by position."""
    lower = ""
    for character, row in zip(upper, np.exp(scores), strict=True):
        probabilities = {t: p for t, p in zip(tokens[1:], row[1:], strict=True) if t != character and p > 0}
        lower += max(probabilities, key=lambda t: probabilities[t]) if probabilities else PLACEHOLDER
    return lower


@given(st.text("天地人，龘🎉", max_size=8), st.integers(1, len(TOKENS)), st.integers(0, 2**32 - 1))
def test_equals_zeroing_two_probabilities(upper: str, size: int, seed: int) -> None:
    scores = np.random.default_rng(seed).normal(size=(len(upper), size)).astype(np.float32)
    before = scores.copy()
    assert Argmax().decode(upper, scores, TOKENS[:size]) == slow_decode(upper, scores, TOKENS[:size])
    np.testing.assert_array_equal(scores, before)


def test_the_upper_character_is_banned_at_its_own_position_only() -> None:
    scores = np.zeros((2, len(TOKENS)), np.float32)
    scores[:, TOKENS.index("天")] = 2
    scores[:, TOKENS.index("山")] = 1
    assert Argmax().decode("天地", scores, TOKENS) == "山天"


def test_punctuation_cannot_be_copied() -> None:
    scores = np.zeros((1, len(TOKENS)), np.float32)
    scores[0, TOKENS.index("，")] = 9
    assert Argmax().decode("，", scores, TOKENS) != "，"


def test_the_unknown_is_never_answered() -> None:
    scores = np.full((1, 3), -np.inf, np.float32)
    scores[0, 0] = 0
    assert Argmax().decode("人", scores, ["<unk>", "天", "地"]) == PLACEHOLDER


def test_a_blank_is_never_answered() -> None:
    scores = np.log(np.array([[0.1, 0.5, 0.3, 0.1]], np.float32))
    assert Argmax().decode("人", scores, ["<unk>", " ", "\u3000", "天"]) == "天"


def test_rows_and_characters_must_agree() -> None:
    with pytest.raises(ValueError, match="zip"):
        Argmax().decode("天地人", np.zeros((2, len(TOKENS)), np.float32), TOKENS)


def test_an_empty_line() -> None:
    assert Argmax().decode("", np.zeros((0, 0), np.float32), TOKENS) == ""
