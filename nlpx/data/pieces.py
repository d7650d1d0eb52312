"""Batches of pieces of text for scoring by a model."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from nlpx.data.batching import collate
from nlpx.data.items import MAIN, EncodedItems, Field

Features = dict[str, np.ndarray]
Score = Callable[[Features], tuple[np.ndarray, np.ndarray]]
"""A batch (B, T) by feature with `mask` -> scores (B, T, U) float32 and NLL of the targets (B,) float32."""
SCORES_PER_BATCH = 1 << 23
POSITIONS_PER_BATCH = 1 << 14
"""Limits of a prediction batch, whatever the lengths and the number of labels. Scores of more than 32 MiB are
slower: each batch of them gets new memory of the system."""


@dataclass(frozen=True, slots=True)
class ScoredBatch:
    """Scores of pieces.

    Attributes:
        nll: NLL of the targets in nats, (B,); 0 without targets.
    """

    rows: list[int]
    lengths: list[int]
    scores: np.ndarray
    nll: np.ndarray


def score_pieces(
    pieces: EncodedItems | Sequence[Features],
    score: Score,
    batch_size: int,
    labels: int,
) -> Iterator[ScoredBatch]:
    """Score pieces in batches of similar length, short ones first. Empty pieces are skipped.

    To limit the number of compiled shapes, lengths and numbers of rows are rounded up.

    Args:
        pieces: items, or feature arrays by name, (T, ...) each; optionally with `target` for the NLL.
        labels: number of labels, U.
    """
    positions = min(POSITIONS_PER_BATCH, SCORES_PER_BATCH // labels)
    if not isinstance(pieces, EncodedItems):
        if not pieces:
            return
        pieces = _items(pieces)
    items, lengths = pieces, pieces.lengths.tolist()
    order = sorted((i for i, length in enumerate(lengths) if length), key=lengths.__getitem__)

    def scored(rows: list[int], padded: int) -> ScoredBatch:
        scores, nll = score(_padded(items, rows, padded))
        return ScoredBatch(rows, [lengths[i] for i in rows], scores[: len(rows)], nll[: len(rows)])

    # The model processes the next batch outside the interpreter while the caller decodes this one.
    with ThreadPoolExecutor(1) as worker:
        ahead: Future[ScoredBatch] | None = None
        start = 0
        while start < len(order):
            padded = rounded(lengths[order[start]])
            most = power_of_two_below(min(batch_size, max(1, positions // padded)))
            rows = [i for i in order[start : start + most] if lengths[i] <= padded]
            start += len(rows)
            done, ahead = ahead, worker.submit(scored, rows, padded)
            if done is not None:
                yield done.result()
        if ahead is not None:
            yield ahead.result()


def rounded(number: int) -> int:
    """A number rounded up to one of a few, which is at most a quarter more; itself up to 8."""
    step = max(1, power_of_two_below(number) // 4)
    return -(-number // step) * step


def power_of_two_below(number: int) -> int:
    """The largest power of two that does not exceed a number."""
    return 1 << (number.bit_length() - 1)


def pad(pieces: Sequence[Features], length: int) -> Features:
    """One batch: every feature (B, length, ...), 0 beyond the end, and `mask` (B, length) bool.

    B is rounded up; missing rows are empty.
    """
    return _padded(_items(pieces), range(len(pieces)), length)


def _items(pieces: Sequence[Features]) -> EncodedItems:
    return EncodedItems.of(pieces, {name: Field.like(values) for name, values in pieces[0].items()})


def _padded(items: EncodedItems, rows: Sequence[int], length: int) -> Features:
    return collate(items, np.array(rows), {MAIN: length}, rounded(len(rows)))
