"""Batches of pieces: every piece once, few shapes, the same scores in any company."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlpx.data.pieces import POSITIONS_PER_BATCH, pad, rounded, score_pieces
from nlpx.tasks.text_codec import Features


def piece(length: int, first: int) -> Features:
    return {"char": np.arange(first, first + length, dtype=np.int32)}


def echo(batch: Features) -> tuple[np.ndarray, np.ndarray]:
    """Scores that are the ids themselves; the NLL is the number of real positions."""
    scores = np.where(batch["mask"], batch["char"], -1)[..., None].astype(np.float32)
    return scores, batch["mask"].sum(1).astype(np.float32)


@given(st.lists(st.integers(0, 300), max_size=60), st.integers(1, 64))
def test_every_piece_is_scored_once_and_whole(lengths: list[int], batch_size: int) -> None:
    pieces = [piece(length, 1000 * i) for i, length in enumerate(lengths)]
    seen: dict[int, np.ndarray] = {}
    for batch in score_pieces(pieces, echo, batch_size, labels=4):
        assert len(batch.rows) <= batch_size
        assert batch.scores.shape[0] * batch.scores.shape[1] <= max(POSITIONS_PER_BATCH, rounded(300))
        for row, (index, length) in enumerate(zip(batch.rows, batch.lengths, strict=True)):
            assert index not in seen
            assert batch.nll[row] == length == lengths[index]
            seen[index] = batch.scores[row, :length, 0]
    assert sorted(seen) == [i for i, length in enumerate(lengths) if length]
    assert all((seen[i] == pieces[i]["char"]).all() for i in seen)


def test_shapes_are_few() -> None:
    lengths = np.random.default_rng(0).integers(1, 129, 5000)
    shapes = set()

    def record(batch: Features) -> tuple[np.ndarray, np.ndarray]:
        shapes.add(batch["mask"].shape)
        return echo(batch)

    for _ in score_pieces([piece(int(length), 0) for length in lengths], record, 256, labels=4):
        pass
    assert len({length for _, length in shapes}) <= 24
    assert all(rows == rounded(rows) for rows, _ in shapes)


@pytest.mark.parametrize(
    ("length", "padded"),
    [(1, 1), (5, 5), (8, 8), (9, 10), (12, 12), (15, 16), (17, 20), (33, 40), (100, 112)],
)
def test_lengths_are_rounded_up_by_at_most_a_quarter(length: int, padded: int) -> None:
    assert rounded(length) == padded


@given(st.integers(9, 10_000))
def test_rounding_wastes_little(length: int) -> None:
    assert length <= rounded(length) <= 1.34 * length


def test_pad_fills_with_empty_rows() -> None:
    batch = pad([piece(2, 5), piece(1, 7), *[piece(3, 1)] * 7], 4)
    assert batch["char"].tolist() == [[5, 6, 0, 0], [7, 0, 0, 0], *[[1, 2, 3, 0]] * 7, [0, 0, 0, 0]]
    assert batch["mask"].sum(1).tolist() == [2, 1, *[3] * 7, 0]
