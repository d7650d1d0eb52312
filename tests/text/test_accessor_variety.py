"""Accessor varieties against their definition, span by span."""

from __future__ import annotations

import re
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlpx.text.accessor_variety import LEAST, AccessorVariety, accessor_varieties, level
from nlpx.text.spans import DEPTH, FIELDS, LENGTHS
from nlpx.text.vocabulary import Vocabulary


def brute_force(texts: list[str]) -> dict[str, int]:
    pieces = [f"|{piece}|" for text in texts for piece in re.split(r"[\W_]+", text) if piece]
    found = {}
    for span in {p[i : i + n] for p in pieces for n in LENGTHS for i in range(1, len(p) - n)}:
        places = [(p, i) for p in pieces for i in range(1, len(p) - len(span)) if p.startswith(span, i)]
        sides = [p[i - 1] for p, i in places], [p[i + len(span)] for p, i in places]
        variety = min(len(set(side) - {"|"}) + side.count("|") for side in sides)
        if variety >= LEAST:
            found[span] = variety
    return found


@given(st.lists(st.text("甲乙丙丁a，_ 😀\n", max_size=60), max_size=5))
def test_equals_counting(texts: list[str]) -> None:
    assert accessor_varieties(texts) == brute_force(texts)


def test_a_word_is_free_in_its_neighbours() -> None:
    texts = [f"{before}电视{after}" for before, after in zip("我你他她", "好坏大小", strict=True)]
    assert accessor_varieties([*texts, *texts]) == {"电视": 4}


@given(st.permutations(["春风吹又生", "春风又绿江南岸", "春风，春风", "一夜春风", "又见春风来"]))
def test_the_order_of_texts_does_not_matter(texts: list[str]) -> None:
    assert accessor_varieties(texts) == accessor_varieties(sorted(texts)) == {"春风": 6}


@pytest.mark.parametrize(
    ("variety", "wanted"), [(0, 0), (3, 0), (4, 1), (7, 1), (8, 2), (255, 6), (256, 7), (10**9, 7)]
)
def test_levels(variety: int, wanted: int) -> None:
    assert level(variety) == wanted < DEPTH


def test_levels_stand_where_a_span_begins_and_ends() -> None:
    levels = AccessorVariety(Vocabulary.build(Counter({"春风": 8, "春风来": 4}))).features("又春风来")
    expected = np.zeros((4, FIELDS), np.uint8)
    expected[1, 0] = expected[2, 1] = 2
    expected[1, 2] = expected[3, 3] = 1
    assert levels.dtype == np.uint8 and (levels == expected).all()
