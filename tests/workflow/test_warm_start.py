"""Rows of tables move to the ids of their tokens."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlpx.text.vocabulary import UNKNOWN, Vocabulary
from nlpx.workflow.warm_start import Move, moved

TOKENS = st.lists(st.sampled_from("春夏秋冬梅兰竹菊山水云"), unique=True, min_size=1)


@given(TOKENS, TOKENS, st.integers(0, 2), st.booleans())
def test_every_token_keeps_its_row(old: list[str], new: list[str], extra: int, across: bool) -> None:
    before, after = (Vocabulary([UNKNOWN, *tokens]) for tokens in (old, new))
    random = np.random.default_rng(0)
    there, here = (random.normal(size=(len(v) + extra, 50)) for v in (before, after))
    move = Move.between("char", before, after)
    if across:
        result = moved(there.T, here.T, [move]).T
    else:
        result = moved(there, here, [move])
    for i, token in enumerate(after.tokens):
        row = there[before.tokens.index(token)] if token in before.tokens else here[i]
        np.testing.assert_array_equal(result[i], row)
    np.testing.assert_array_equal(result[len(after) :], there[len(before) :])


def test_arrays_without_a_vocabulary_are_taken_as_they_are() -> None:
    move = Move.between("char", Vocabulary([UNKNOWN, "a"]), Vocabulary([UNKNOWN, "b", "a"]))
    old = np.arange(20.0).reshape(4, 5)
    assert moved(old, np.zeros((4, 5)), [move]) is old


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [((7,), (8,), "shape"), ((2, 4), (3, 5), "shape"), ((4,), (4, 1), "shape"), ((2, 2), (3, 3), "several")],
)
def test_shapes_that_do_not_fit(old: tuple[int, ...], new: tuple[int, ...], message: str) -> None:
    move = Move.between("char", Vocabulary([UNKNOWN, "a"]), Vocabulary([UNKNOWN, "b", "a"]))
    with pytest.raises(ValueError, match=message):
        moved(np.zeros(old), np.zeros(new), [move])
