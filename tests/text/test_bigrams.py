"""The smoothed bigram model: a distribution, and one that prefers what it was counted in."""

from __future__ import annotations

import math
from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlpx.text.bigrams import DISCOUNT, BigramModel

LINES = st.lists(st.text("甲乙丙丁", min_size=1, max_size=6), min_size=1, max_size=12)


def counted(lines: list[str], least: int = 1) -> BigramModel:
    pairs = Counter(a + b for line in lines for a, b in pairwise(line))
    kept = {pair: count for pair, count in pairs.items() if count >= least}
    return BigramModel({"": 0, **Counter("".join(lines))}, kept)


@given(LINES, st.integers(1, 2))
def test_probabilities_add_up_to_one(lines: list[str], least: int) -> None:
    model = counted(lines, least)
    known = ["", *sorted(set("".join(lines)))]
    for first in (*known, "戊"):
        assert math.fsum(model.probability(first, second) for second in known) == pytest.approx(1.0)
    assert math.fsum(map(model.unigram, known)) == pytest.approx(1.0)


def test_by_hand() -> None:
    model = counted(["甲乙", "甲乙", "甲丙"])
    # 甲 3, 乙 2, 丙 1, the unknown 0: 6 characters and 4 kinds.
    assert model.unigram("乙") == pytest.approx(3 / 10)
    left = 1 - (2 - DISCOUNT) / 3 - (1 - DISCOUNT) / 3
    assert model.probability("甲", "乙") == pytest.approx((2 - DISCOUNT) / 3 + left * 0.3)
    assert model.probability("乙", "甲") == pytest.approx(4 / 10)
    assert model.log_probability("甲乙") == pytest.approx(
        math.log(4 / 10) + math.log(model.probability("甲", "乙"))
    )
    assert model.log_probability("") == 0.0


def test_unknown_characters_share_what_the_unknown_has() -> None:
    model = BigramModel({"": 3, "甲": 1}, {})
    assert model.unigram("戊") == model.unigram("己") == pytest.approx(4 / 6)
    assert model.log_probability("戊甲") == pytest.approx(math.log(4 / 6) + math.log(2 / 6))


def test_it_prefers_the_order_that_it_has_seen() -> None:
    model = counted(["春风吹柳", "春风满山", "秋月满江"])
    assert model.log_probability("春风满江") > model.log_probability("风春江满") + 2
