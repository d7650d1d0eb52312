"""Batches of pairs: pure functions of seed, epoch and index."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlpx.data.group_batches import GroupBatches
from nlpx.data.items import EncodedItems, Field
from nlpx.errors import ConfigError, DataError

SIZES = st.lists(st.integers(1, 5), min_size=2, max_size=30).filter(lambda s: sum(n > 1 for n in s) > 1)


def items_of(groups: np.ndarray) -> EncodedItems:
    items = [{"char": np.arange(1 + i % 4), "group": group} for i, group in enumerate(groups)]
    return EncodedItems.of(items, {"char": Field(), "group": Field(sequence=None)})


def batches_of(sizes: list[int], batch_size: int, seed: int = 1, accumulation: int = 1) -> GroupBatches:
    groups = np.random.default_rng(0).permutation(np.repeat(np.arange(len(sizes)), sizes))
    return GroupBatches(items_of(groups), groups, batch_size, [2, 4], seed, accumulation)


@given(SIZES, st.integers(4, 9), st.integers(0, 3))
def test_every_group_with_company_once_an_epoch_by_two_rows(
    sizes: list[int], batch_size: int, epoch: int
) -> None:
    batches = batches_of(sizes, batch_size)
    seen: Counter[int] = Counter()
    for index in range(batches.updates_per_epoch):
        ((batch,), (rows,)) = batches.update(epoch, index), batches.rows(epoch, index)
        ids, real = batch["group"], batch["mask"][:, 0]
        assert len(set(rows)) == len(rows) == real.sum()
        assert batch["char"].shape in ((batch_size, 2), (batch_size, 4))
        pairs = ids[real].reshape(-1, 2)
        assert (pairs[:, 0] == pairs[:, 1]).all()
        assert len(pairs) > 1
        seen.update(pairs[:, 0].tolist())
    usable = sum(size > 1 for size in sizes)
    assert set(seen.values()) == {1}
    assert len(seen) == usable - (usable % (batch_size // 2) == 1)


def test_the_order_depends_on_seed_and_epoch_alone() -> None:
    sizes = [2, 3, 4, 5] * 5
    first, again, other = batches_of(sizes, 8), batches_of(sizes, 8), batches_of(sizes, 8, seed=2)
    forwards = [first.rows(epoch, index) for epoch in (0, 1) for index in range(5)]
    backwards = [again.rows(epoch, index) for epoch in (1, 0) for index in reversed(range(5))]
    assert forwards == backwards[::-1]
    assert forwards[:5] != forwards[5:]
    assert forwards[:5] != [other.rows(0, index) for index in range(5)]


def test_all_pairs_of_a_group_are_drawn() -> None:
    batches = batches_of([4, 2], 4)
    pairs = {
        tuple(sorted(pair))
        for epoch in range(200)
        for pair in np.reshape(batches.rows(epoch, 0)[0], (2, 2)).tolist()
    }
    assert len(pairs) == 6 + 1


def test_accumulation_makes_updates_of_several_batches() -> None:
    one, three = batches_of([2] * 10, 4), batches_of([2] * 10, 4, accumulation=3)
    assert (one.updates_per_epoch, three.updates_per_epoch) == (5, 2)
    assert three.rows(0, 0) + three.rows(0, 1) == [one.rows(0, index)[0] for index in range(5)]
    assert [len(three.update(0, index)) for index in (0, 1)] == [3, 2]


def test_what_cannot_be_told_apart() -> None:
    with pytest.raises(ConfigError, match=r"train\.batch_size: 3.*Expected 4 or more"):
        batches_of([2, 2], 3)
    with pytest.raises(DataError, match="the training split has 1 groups of at least two sentences"):
        batches_of([2, 1, 1], 4)
