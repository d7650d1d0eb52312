"""The decoder of verses, against all verses there are."""

from __future__ import annotations

from collections import Counter
from itertools import permutations, product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlpx.components.decoders.verse import Verse

TOKENS = ("<unk>", "甲", "乙", "丙", "丁", "戊")


def log_probs(seed: int, positions: int, peaked: float = 1.0) -> np.ndarray:
    logits = peaked * np.random.default_rng(seed).normal(size=(positions, len(TOKENS)))
    return (logits - np.log(np.exp(logits).sum(-1, keepdims=True))).astype(np.float32)


def score(table: np.ndarray, verse: str) -> float:
    return float(sum(row[TOKENS.index(char)] for row, char in zip(table, verse, strict=True)))


@given(st.integers(0, 10_000), st.integers(1, 5), st.booleans(), st.integers(0, 2))
def test_the_best_verse_of_all(seed: int, positions: int, distinct: bool, given_count: int) -> None:
    table, opening = log_probs(seed, positions), "乙丁"[: min(given_count, positions)]
    every = permutations(TOKENS[1:], positions) if distinct else product(TOKENS[1:], repeat=positions)
    best = max(score(table, "".join(verse)) for verse in every if "".join(verse[: len(opening)]) == opening)
    found = Verse(distinct=distinct).decode(table, TOKENS, np.random.default_rng(0), opening)
    assert found.startswith(opening)
    assert score(table, found) == pytest.approx(best, abs=1e-5)


def test_sampling_draws_from_the_softmax() -> None:
    table = log_probs(1, 1, peaked=2.0)
    decoder = Verse(choose="sample", softness=2.0, distinct=False)
    rng = np.random.default_rng(0)
    drawn = Counter(decoder.decode(table, TOKENS, rng) for _ in range(4000))
    expected = np.exp(table[0, 1:] / 2)
    expected /= expected.sum()
    np.testing.assert_allclose([drawn[token] / 4000 for token in TOKENS[1:]], expected, atol=0.03)


def test_sampled_verses_repeat_nothing_and_depend_on_the_generator_alone() -> None:
    table, decoder = log_probs(2, 4), Verse(choose="sample")
    verses = [decoder.decode(table, TOKENS, np.random.default_rng(i)) for i in range(50)]
    assert all(len(set(verse)) == 4 for verse in verses)
    assert len(set(verses)) > 5
    assert verses == [decoder.decode(table, TOKENS, np.random.default_rng(i)) for i in range(50)]


def test_an_opening_that_repeats_itself_is_kept() -> None:
    found = Verse().decode(log_probs(3, 4), TOKENS, np.random.default_rng(0), "甲甲")
    assert found.startswith("甲甲")
    assert len(set(found)) == 3


def test_impossible_characters_and_a_vocabulary_that_is_too_small() -> None:
    table = np.full((3, 3), -np.inf, np.float32)
    found = Verse().decode(table, TOKENS[:3], np.random.default_rng(0))
    assert sorted(found) == sorted("甲乙□")
    assert Verse().decode(table, TOKENS[:3], np.random.default_rng(0), "丙丁戊") == "丙丁戊"
    assert Verse().decode(table[:, :1], TOKENS[:1], np.random.default_rng(0)) == "□□□"
