"""Dropped characters: which, how many, and in which n-grams."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlpx.components.tricks import row_numbers
from nlpx.components.tricks.row_numbers import uniform
from nlpx.components.tricks.word_dropout import WordDropout
from nlpx.data.batching import BatchPlan
from nlpx.data.items import EncodedItems, Field
from nlpx.data.planned_batches import PlannedBatches
from nlpx.engine.changed_batches import ChangedBatches

ROWS = np.arange(40)


def batch(rows: np.ndarray, length: int) -> dict[str, np.ndarray]:
    names = ("char", "target", "ngram2_end", "ngram2_begin", "ngram3_end", "ngram3_begin", "second.char")
    return {name: np.ones((len(rows), length), np.int32) for name in names}


@given(rows=st.permutations(range(40)), count=st.integers(1, 40), length=st.integers(1, 9))
def test_a_row_loses_the_same_characters_in_every_batch(rows: list[int], count: int, length: int) -> None:
    some, trick = np.array(rows[:count]), WordDropout(rate=0.3)
    found = trick.data(batch(some, length), some, epoch=2, seed=5)
    whole = trick.data(batch(ROWS, 9), ROWS, epoch=2, seed=5)
    for name in ("char", "second.char"):
        np.testing.assert_array_equal(found[name], whole[name][some, :length])
        assert found[name].dtype == np.int32
    assert (found["target"] == 1).all()


def test_ngrams_that_contain_a_dropped_character_are_unknown() -> None:
    found = WordDropout(rate=0.3).data(batch(ROWS, 6), ROWS, epoch=0, seed=0)
    for row, position in np.ndindex(40, 6):
        for size in (2, 3):
            ends = found["char"][row, max(position - size + 1, 0) : position + 1]
            begins = found["char"][row, position : position + size]
            assert found[f"ngram{size}_end"][row, position] == ends.min()
            assert found[f"ngram{size}_begin"][row, position] == begins.min()


def test_every_seed_epoch_text_and_row_has_its_own() -> None:
    trick = WordDropout(rate=0.5)
    found = [trick.data(batch(ROWS, 60), ROWS, epoch, seed) for epoch, seed in ((0, 0), (1, 0), (0, 1))]
    drawn = [made[name] for made in found for name in ("char", "second.char")]
    assert len({array.tobytes() for array in drawn}) == 6
    assert len({row.tobytes() for array in drawn for row in array}) == 240


def test_the_numbers_are_uniform_and_uncorrelated() -> None:
    drawn = uniform((3, 1), np.arange(500), 200)
    counts, _ = np.histogram(drawn, 50, (0, 1))
    assert abs(counts - 2000).max() < 5 * np.sqrt(2000)
    for one, other in ((drawn[:, 1:], drawn[:, :-1]), (drawn[1:], drawn[:-1])):
        assert abs(np.corrcoef(one.ravel(), other.ravel())[0, 1]) < 0.015


def test_numbers_of_the_reference() -> None:
    """The first output of SplitMix64 with seed 1234567 is 6457827717110365317."""
    state = np.array([1234567], np.uint64) + np.uint64(row_numbers.STEP)
    assert row_numbers._mixed(state).tolist() == [6457827717110365317]


@pytest.mark.parametrize("accumulation", [1, 2])
def test_batches_are_the_same_in_any_order(accumulation: int) -> None:
    """As when a run is resumed; the batches below them are not changed."""
    items = EncodedItems.of(
        [{"char": np.arange(1, n + 1, dtype=np.int32)} for n in (3, 5, 2, 4, 6)], {"char": Field()}
    )
    plan = BatchPlan(items.lengths, 2, [6], seed=1)
    original = PlannedBatches(plan, items, 3, accumulation)
    changed = ChangedBatches(original, [WordDropout(rate=0.5), WordDropout(rate=0.0)], seed=7)
    places = [(epoch, i) for epoch in (0, 1) for i in range(changed.updates_per_epoch)]
    forward = {place: changed.update(*place) for place in places}
    for epoch, i in reversed(places):
        again, before = changed.update(epoch, i), original.update(epoch, i)
        assert changed.rows(epoch, i) == original.rows(epoch, i)
        for one, other, plain in zip(again, forward[epoch, i], before, strict=True):
            np.testing.assert_array_equal(one["char"], other["char"])
            np.testing.assert_array_equal(one["mask"], plain["mask"])
            assert ((one["char"] == plain["char"]) | (one["char"] == 0)).all()
    assert any(
        (a["char"] != b["char"]).any() for a, b in zip(forward[0, 0], original.update(0, 0), strict=True)
    )
