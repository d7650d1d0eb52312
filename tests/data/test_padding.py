"""Batches of items in memory, against those of a corpus."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from nlpx.data.padding import padded, padded_batches


def item(length: int, other: int, seed: int) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    return {"char": rng.integers(1, 9, length), "title.char": rng.integers(1, 9, other)}


@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 4)), max_size=9), st.integers(1, 4))
def test_every_item_comes_once_with_its_values(sizes: list[tuple[int, int]], batch_size: int) -> None:
    items = [item(length, other, i) for i, (length, other) in enumerate(sizes)]
    seen: list[int] = []
    for rows, batch in padded_batches(items, batch_size):
        assert len(rows) <= batch_size
        assert {len(array) for array in batch.values()} == {len(rows)}
        for name, mask in (("char", "mask"), ("title.char", "title.mask")):
            for row, index in enumerate(rows):
                np.testing.assert_array_equal(batch[name][row][batch[mask][row]], items[index][name])
                assert not batch[name][row][~batch[mask][row]].any()
                assert batch[mask][row].sum() == len(items[index][name])
        seen += rows
    assert sorted(seen) == [i for i, (length, _) in enumerate(sizes) if length]
    assert [sizes[i][0] for i in seen] == sorted(sizes[i][0] for i in seen)


def test_shapes_and_types() -> None:
    batch = padded([item(3, 0, 0), item(1, 0, 1)])
    assert {name: (array.shape, array.dtype.name) for name, array in batch.items()} == {
        "char": ((2, 3), "int32"),
        "mask": ((2, 3), "bool"),
        "title.char": ((2, 1), "int32"),
        "title.mask": ((2, 1), "bool"),
    }
