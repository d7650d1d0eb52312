"""The order of rows."""

from __future__ import annotations

from itertools import combinations, pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlpx.data.batching import BatchPlan, choose_boundaries, collate, longest, padded_batches
from nlpx.data.items import MAIN, EncodedItems, Field
from nlpx.data.planned_batches import PlannedBatches
from nlpx.errors import ConfigError

LENGTHS = st.lists(st.integers(1, 12), min_size=1, max_size=60)
SIZES = st.integers(1, 9)
SEEDS = st.integers(0, 2**32 - 1)


def padding(lengths: list[int], boundaries: list[int]) -> int:
    return sum(min(b for b in boundaries if b >= length) - length for length in lengths)


def plan_of(lengths: list[int], batch_size: int, seed: int) -> BatchPlan:
    array = np.array(lengths, np.int32)
    return BatchPlan(array, batch_size, choose_boundaries(array, 3), seed)


def epoch_of(plan: BatchPlan, epoch: int) -> list[tuple[list[int], int]]:
    batches = (plan.rows(epoch, index) for index in range(plan.batches_per_epoch))
    return [(rows.tolist(), length) for rows, length in batches]


# Boundaries


@given(st.lists(st.integers(1, 12), min_size=1, max_size=30), st.integers(1, 5))
def test_no_other_boundaries_pad_less(lengths: list[int], at_most: int) -> None:
    chosen = choose_boundaries(np.array(lengths), at_most)
    assert len(chosen) <= at_most
    assert chosen == sorted(set(chosen))
    assert chosen[-1] == max(lengths)
    others = range(1, max(lengths))
    best = min(
        padding(lengths, [*ends, max(lengths)])
        for count in range(min(at_most, max(lengths)))
        for ends in combinations(others, count)
    )
    assert padding(lengths, chosen) == best


def test_few_lengths_need_no_padding() -> None:
    assert choose_boundaries(np.array([5, 7, 7, 12, 5])) == [5, 7, 12]
    assert choose_boundaries(np.array([4])) == [4]
    assert choose_boundaries(np.array([], np.int32)) == []
    assert len(choose_boundaries(np.arange(1, 1000))) == 8


def test_many_rows_do_not_overflow() -> None:
    assert choose_boundaries(np.repeat(np.array([1, 2000], np.int32), 1_500_000), 1) == [2000]
    assert choose_boundaries(np.repeat(np.array([1, 2000], np.int32), 1_500_000), 2) == [1, 2000]


# The plan


@given(LENGTHS, SIZES, SEEDS, st.integers(0, 5))
def test_every_row_occurs_once_an_epoch_and_fits(
    lengths: list[int], batch_size: int, seed: int, epoch: int
) -> None:
    plan = plan_of(lengths, batch_size, seed)
    boundaries = [0, *choose_boundaries(np.array(lengths), 3)]
    batches = epoch_of(plan, epoch)
    assert sorted(row for rows, _ in batches for row in rows) == list(range(len(lengths)))
    for rows, length in batches:
        below = boundaries[boundaries.index(length) - 1]
        assert 0 < len(rows) <= batch_size
        assert all(below < lengths[row] <= length for row in rows)
    partial = [length for rows, length in batches if len(rows) < batch_size]
    assert len(partial) == len(set(partial))  # at most one a bucket


@given(LENGTHS, SIZES, SEEDS, st.data())
def test_a_batch_depends_on_seed_epoch_and_index_alone(
    lengths: list[int], batch_size: int, seed: int, data: st.DataObject
) -> None:
    expected = {epoch: epoch_of(plan_of(lengths, batch_size, seed), epoch) for epoch in range(3)}
    count = len(expected[0])
    index = st.tuples(st.integers(0, 2), st.integers(0, count - 1))
    plan = plan_of(lengths, batch_size, seed)
    for epoch, i in data.draw(st.lists(index, max_size=12)):
        rows, length = plan.rows(epoch, i)
        assert (rows.tolist(), length) == expected[epoch][i]


def test_a_fresh_plan_goes_on_where_another_stopped() -> None:
    lengths = np.random.default_rng(0).integers(1, 30, 500)
    first, second = (BatchPlan(lengths, 8, choose_boundaries(lengths), 7) for _ in range(2))
    half = first.batches_per_epoch // 2
    whole = [epoch_of(first, epoch) for epoch in (0, 1)]
    resumed = [second.rows(0, index) for index in range(half, second.batches_per_epoch)]
    assert [(rows.tolist(), length) for rows, length in resumed] == whole[0][half:]
    assert epoch_of(second, 1) == whole[1]


def test_rows_handed_out_do_not_change_with_the_epoch() -> None:
    plan = plan_of([3] * 50, 10, 1)
    rows, _ = plan.rows(0, 0)
    kept = rows.tolist()
    plan.rows(1, 0)
    assert rows.tolist() == kept


def test_epochs_and_seeds_differ_and_nothing_is_sorted() -> None:
    lengths = [1 + i % 7 for i in range(700)]
    orders = [epoch_of(plan_of(lengths, 16, seed), epoch) for seed, epoch in [(1, 0), (1, 1), (2, 0), (2, 1)]]
    assert all(a != b for a, b in combinations(orders, 2))
    first = orders[0]
    assert [length for _, length in first] != sorted(length for _, length in first)
    assert all(rows != sorted(rows) for rows, _ in first if len(rows) > 4)
    assert {frozenset(rows) for rows, _ in first} != {frozenset(rows) for rows, _ in orders[1]}


def test_rows_of_a_bucket_are_equally_likely_everywhere() -> None:
    plan = BatchPlan(np.full(6, 3), 2, [3], 0)
    places = np.zeros((6, 6))
    for epoch in range(3000):
        order = [row for index in range(3) for row in plan.rows(epoch, index)[0]]
        places[order, range(6)] += 1
    assert abs(places / 3000 - 1 / 6).max() < 0.04  # 6 standard deviations


def test_boundaries_may_come_in_any_order_and_beyond_the_rows() -> None:
    plan = BatchPlan(np.array([2, 5]), 4, [9, 3, 3, 40], 0)
    assert sorted(epoch_of(plan, 0)) == [([0], 3), ([1], 9)]


def test_a_row_beyond_the_last_bucket_is_refused() -> None:
    with pytest.raises(
        ConfigError, match=r"train\.buckets: the last bucket ends at 8, but .* has 9"
    ) as caught:
        BatchPlan(np.array([3, 9]), 2, [4, 8], 0)
    assert caught.value.exit_code == 2


def test_no_rows_make_no_batches() -> None:
    assert BatchPlan(np.array([], np.int32), 2, [], 0).batches_per_epoch == 0


# Arrays


def items_of(texts: list[list[int]]) -> EncodedItems:
    items = [{"char": np.array(text, np.int32), "target": np.array(text, np.int32) + 100} for text in texts]
    return EncodedItems.of(items, {"char": Field(), "target": Field()})


TEXTS = st.lists(st.lists(st.integers(0, 50), min_size=1, max_size=7), min_size=1, max_size=12)


@given(TEXTS, st.data())
def test_collate_moves_values_and_changes_none(texts: list[list[int]], data: st.DataObject) -> None:
    rows = data.draw(st.lists(st.integers(0, len(texts) - 1), max_size=6))
    batch_size = len(rows) + data.draw(st.integers(0, 3))
    length = max([len(texts[row]) for row in rows], default=0) + data.draw(st.integers(0, 3))
    batch = collate(items_of(texts), np.array(rows, np.int32), {MAIN: length}, batch_size)
    assert batch.keys() == {"mask", "char", "target"}
    assert {name: array.dtype for name, array in batch.items()} == {
        "mask": np.dtype(bool),
        "char": np.dtype(np.int32),
        "target": np.dtype(np.int32),
    }
    for i in range(batch_size):
        text = texts[rows[i]] if i < len(rows) else []
        rest = [0] * (length - len(text))
        assert batch["char"][i].tolist() == text + rest
        assert batch["target"][i].tolist() == [value + 100 for value in text] + rest
        assert batch["mask"][i].tolist() == [True] * len(text) + [False] * len(rest)


def test_collate_refuses_to_cut() -> None:
    items = items_of([[1, 2, 3], [4]])
    for rows, length, batch_size in [([0], 2, 4), ([0, 1], 3, 1)]:
        with pytest.raises(ValueError, match="do not fit"):
            collate(items, np.array(rows), {MAIN: length}, batch_size)


@given(TEXTS, SIZES, SEEDS)
def test_an_epoch_holds_every_value_once(texts: list[list[int]], batch_size: int, seed: int) -> None:
    items = items_of(texts)
    plan = BatchPlan(items.lengths, batch_size, choose_boundaries(items.lengths, 3), seed)
    seen = []
    for index in range(plan.batches_per_epoch):
        rows, length = plan.rows(2, index)
        batch = collate(items, rows, {MAIN: length}, batch_size)
        seen += [row[mask].tolist() for row, mask in zip(batch["char"], batch["mask"], strict=True)]
    assert sorted(text for text in seen if text) == sorted(texts)


def test_shapes_are_as_few_as_buckets() -> None:
    texts = [[1] * (1 + i % 20) for i in range(300)]
    items = items_of(texts)
    boundaries = choose_boundaries(items.lengths)
    plan = BatchPlan(items.lengths, 16, boundaries, 3)
    shapes = {
        collate(items, rows, {MAIN: length}, 16)["char"].shape
        for epoch in range(2)
        for index in range(plan.batches_per_epoch)
        for rows, length in [plan.rows(epoch, index)]
    }
    assert shapes == {(16, length) for length in boundaries}
    assert all(a < b for a, b in pairwise(boundaries))


# Items of several sequences, and of arrays of other types

FIELDS = {"char": Field(), "title.char": Field(sequence="title")}


def items_of_two(texts: list[list[int]], titles: list[list[int]]) -> EncodedItems:
    items = [
        {"char": np.array(text, np.int32), "title.char": np.array(title, np.int32)}
        for text, title in zip(texts, titles, strict=True)
    ]
    return EncodedItems.of(items, FIELDS)


@given(st.lists(st.tuples(*[st.lists(st.integers(1, 50), min_size=1, max_size=7)] * 2), min_size=1), SIZES)
def test_every_sequence_keeps_its_own_length(
    rows: list[tuple[list[int], list[int]]], batch_size: int
) -> None:
    items = items_of_two([text for text, _ in rows], [title for _, title in rows])
    plan = BatchPlan(items.lengths, batch_size, choose_boundaries(items.lengths, 2), 0)
    batches = PlannedBatches(plan, items, batch_size)
    shapes, seen = set(), []
    for index in range(batches.updates_per_epoch):
        (batch,) = batches.update(0, index)
        shapes.add((batch["char"].shape, batch["title.char"].shape))
        seen += [
            (
                batch["char"][i][batch["mask"][i]].tolist(),
                batch["title.char"][i][batch["title.mask"][i]].tolist(),
            )
            for i in range(batch_size)
        ]
    assert len(shapes) <= 2
    assert sorted(pair for pair in seen if pair[0]) == sorted(rows)


def item(length: int, other: int, seed: int) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    return {"char": rng.integers(1, 9, length), "title.char": rng.integers(1, 9, other)}


@given(
    st.lists(st.tuples(st.integers(0, 6), st.integers(0, 4)), max_size=9),
    st.integers(1, 4),
    st.none() | st.integers(1, 20),
)
def test_every_item_in_memory_comes_once_with_its_values(
    sizes: list[tuple[int, int]], batch_size: int, positions: int | None
) -> None:
    items = [item(length, other, i) for i, (length, other) in enumerate(sizes)]
    seen: list[int] = []
    for rows, batch in padded_batches(items, FIELDS, batch_size, positions):
        assert len(rows) <= batch_size
        assert positions is None or len(rows) == 1 or batch["mask"].size <= positions
        assert {len(array) for array in batch.values()} == {len(rows)}
        for name, mask in (("char", "mask"), ("title.char", "title.mask")):
            for row, index in enumerate(rows):
                np.testing.assert_array_equal(batch[name][row][batch[mask][row]], items[index][name])
                assert not batch[name][row][~batch[mask][row]].any()
                assert batch[mask][row].sum() == len(items[index][name])
        seen += rows
    assert sorted(seen) == [i for i, (length, _) in enumerate(sizes) if length]
    assert [sizes[i][0] for i in seen] == sorted(sizes[i][0] for i in seen)


def test_batches_have_the_types_and_shapes_of_the_fields() -> None:
    fields = {
        **FIELDS,
        "score": Field("float32", sequence=None),
        "image": Field("uint8", (2, 3), sequence=None),
        "known": Field("bool", (2,)),
    }
    rng = np.random.default_rng(0)
    items = [
        {
            **item(length, 0, length),
            "score": np.array(length / 3, np.float32),
            "image": rng.integers(0, 256, (2, 3)).astype(np.uint8),
            "known": rng.integers(0, 2, (length, 2)).astype(bool),
        }
        for length in (3, 1)
    ]
    encoded = EncodedItems.of(items, fields)
    batch = collate(encoded, np.array([1, 0]), longest(encoded), 3)
    assert {name: (array.shape, array.dtype.name) for name, array in batch.items()} == {
        "char": ((3, 3), "int32"),
        "mask": ((3, 3), "bool"),
        "known": ((3, 3, 2), "bool"),
        "title.char": ((3, 1), "int32"),
        "title.mask": ((3, 1), "bool"),
        "score": ((3,), "float32"),
        "image": ((3, 2, 3), "uint8"),
    }
    assert batch["score"].tolist() == [np.float32(1 / 3), 1.0, 0.0]
    for row, original in enumerate((items[1], items[0])):
        np.testing.assert_array_equal(batch["image"][row], original["image"])
        np.testing.assert_array_equal(batch["known"][row][batch["mask"][row]], original["known"])
    assert not batch["image"][2].any()


@pytest.mark.parametrize(
    ("name", "array"),
    [("char", np.zeros(2)), ("image", np.zeros((3, 2), np.uint8)), ("char", np.zeros((2, 1), np.int32))],
)
def test_an_array_that_is_not_what_its_field_says_is_a_bug(name: str, array: np.ndarray) -> None:
    fields = {"char": Field(), "image": Field("uint8", (2, 3), sequence=None)}
    with pytest.raises((TypeError, ValueError), match=r"does not fit|Cannot cast"):
        EncodedItems.of([{name: array}], fields)
