"""Micro-batches of a plan."""

from __future__ import annotations

import numpy as np
import pytest

from nlpx.data.batching import BatchPlan, choose_boundaries
from nlpx.data.items import EncodedItems, Field
from nlpx.data.planned_batches import PlannedBatches

LENGTHS = np.random.default_rng(0).integers(1, 12, 53).astype(np.int32)


def planned(accumulation: int) -> tuple[PlannedBatches, BatchPlan]:
    texts = [{"char": np.full(length, i + 1)} for i, length in enumerate(LENGTHS)]
    items = EncodedItems.of(texts, {"char": Field()})
    plan = BatchPlan(LENGTHS, 4, choose_boundaries(LENGTHS, at_most=3), seed=5)
    return PlannedBatches(plan, items, 4, accumulation), plan


@pytest.mark.parametrize("accumulation", [1, 3, 100])
def test_every_row_is_in_one_micro_batch_of_an_epoch(accumulation: int) -> None:
    batches, plan = planned(accumulation)
    assert batches.updates_per_epoch == -(-plan.batches_per_epoch // accumulation)
    rows, sizes, shapes = [], [], set()
    for index in range(batches.updates_per_epoch):
        update = batches.update(2, index)
        sizes.append(len(update))
        for batch, numbers in zip(update, batches.rows(2, index), strict=True):
            shapes.add(batch["char"].shape)
            lengths = batch["mask"].sum(1)
            for row, number in enumerate(numbers):
                assert (batch["char"][row][batch["mask"][row]] == number + 1).all()
                assert lengths[row] == LENGTHS[number]
            assert not batch["mask"][len(numbers) :].any()
            rows += numbers
    assert sorted(rows) == list(range(len(LENGTHS)))
    assert len(shapes) <= 3
    assert sizes[:-1] == [accumulation] * (len(sizes) - 1)
    assert sum(sizes) == plan.batches_per_epoch


def test_an_update_is_a_function_of_epoch_and_index() -> None:
    first, second = planned(2)[0], planned(2)[0]
    for epoch, index in ((0, 3), (5, 0), (1, 1)):
        for one, other in zip(first.update(epoch, index), second.update(epoch, index), strict=True):
            np.testing.assert_array_equal(one["char"], other["char"])
    assert first.rows(0, 0) != first.rows(1, 0)
