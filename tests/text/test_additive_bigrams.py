"""Bigrams with add-alpha smoothing, against counting one by one."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlpx.text import additive_bigrams
from nlpx.text.additive_bigrams import AdditiveBigrams

TEXTS = st.lists(st.text("ab中\U00020000", max_size=8), max_size=6)


@given(lines=TEXTS, alpha=st.sampled_from([0.0, 0.5, 1.0]), at_once=st.integers(1, 4))
@settings(deadline=None)
def test_equals_counting(lines: list[str], alpha: float, at_once: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(additive_bigrams, "LINES_AT_ONCE", at_once)
        made = AdditiveBigrams.of(lines)
    counts = Counter("".join(lines))
    pairs = Counter(pair for line in lines for pair in pairwise(line))
    characters = [*"ab中\U00020000x"]
    found = made.probabilities(characters, characters, alpha, len(characters))
    for i, a in enumerate(characters):
        for j, b in enumerate(characters):
            under = counts[a] + alpha * len(characters)
            expected = (pairs[a, b] + alpha) / under if under else 0.0
            assert found[i, j] == pytest.approx(expected)


def test_probabilities_after_a_character_sum_to_one() -> None:
    """Where the last character of a line does not end it."""
    made = AdditiveBigrams({"a": 3, "b": 2}, {"ab": 2, "aa": 1, "ba": 2})
    np.testing.assert_allclose(made.probabilities([*"ab"], [*"abc"], 0.7, 3).sum(1), 1)
