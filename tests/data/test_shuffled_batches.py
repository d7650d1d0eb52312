"""Batches of items that are not sequences."""

from __future__ import annotations

import numpy as np

from nlpx.data.items import EncodedItems, Field
from nlpx.data.shuffled_batches import ShuffledBatches

ITEMS = EncodedItems.of(
    [{"x": np.array(i, np.float32)} for i in range(10)], {"x": Field("float32", (), None)}
)


def test_every_item_once_and_then_from_the_start() -> None:
    batches = ShuffledBatches(ITEMS, 4, seed=1)
    assert batches.updates_per_epoch == 3
    rows = [batches.rows(0, i)[0] for i in range(3)]
    assert sorted([row for batch in rows for row in batch][:10]) == list(range(10))
    assert rows[2][2:] == rows[0][:2]
    for i in range(3):
        (batch,) = batches.update(0, i)
        assert batch["x"].tolist() == rows[i]


def test_a_function_of_epoch_and_index() -> None:
    one, other = ShuffledBatches(ITEMS, 3, 1, accumulation=2), ShuffledBatches(ITEMS, 3, 1, accumulation=2)
    there = {(e, i): one.rows(e, i) for e in (0, 1) for i in range(one.updates_per_epoch)}
    assert {(e, i): other.rows(e, i) for e, i in reversed(there)} == there
    assert there[0, 0] != there[1, 0]
    assert [len(rows) for rows in there[0, 0]] == [3, 3]


def test_fewer_items_than_a_batch() -> None:
    assert sorted(set(ShuffledBatches(ITEMS, 25, 0).rows(0, 0)[0])) == list(range(10))
