"""Bigrams of characters of a raw text, smoothed by adding a constant to all counts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import islice

from nlpx.core.lazy import np

LINES_AT_ONCE = 20_000
SHIFT = 21
"""Bits of a code point."""


class AdditiveBigrams:
    """p(b | a) = (n(ab) + alpha) / (n(a) + alpha V); 0 where that is 0 / 0.

    Args:
        counts: n(a) by character.
        pairs: n(ab) by bigram of two characters.
    """

    def __init__(self, counts: Mapping[str, int], pairs: Mapping[str, int]) -> None:
        self._counts = _sorted({ord(a): count for a, count in counts.items()})
        self._pairs = _sorted({(ord(ab[0]) << SHIFT) + ord(ab[1]): count for ab, count in pairs.items()})

    @classmethod
    def of(cls, lines: Iterable[str]) -> AdditiveBigrams:
        """The bigrams inside the lines of a text."""
        made = cls({}, {})
        iterator = iter(lines)
        while some := list(islice(iterator, LINES_AT_ONCE)):
            codes = np.frombuffer("\n".join(some).encode("utf-32-le", "surrogatepass"), "<u4").astype(
                np.int64
            )
            inside = (codes[1:] != ord("\n")) & (codes[:-1] != ord("\n"))
            made._counts = _joined(made._counts, codes)
            made._pairs = _joined(made._pairs, (codes[:-1] << SHIFT)[inside] + codes[1:][inside])
        return made

    def probabilities(
        self, first: Sequence[str], second: Sequence[str], alpha: float, size: int
    ) -> np.ndarray:
        """p(b | a) for all a of `first` and b of `second`, (n, m) float64.

        Args:
            first, second: characters.
            alpha: added to every count.
            size: V, the number of characters that can follow.
        """
        a, b = (np.array([ord(c) for c in characters], np.int64) for characters in (first, second))
        over = _looked_up(self._pairs, (a[:, None] << SHIFT) + b) + alpha
        under = _looked_up(self._counts, a)[:, None] + alpha * size
        return np.divide(over, under, out=np.zeros_like(over), where=under > 0)


Table = tuple["np.ndarray", "np.ndarray"]
"""Keys in ascending order, and their counts."""


def _sorted(counts: Mapping[int, int]) -> Table:
    keys = np.array(sorted(counts), np.int64)
    return keys, np.array([counts[key] for key in keys.tolist()], np.int64)


def _joined(table: Table, more: np.ndarray) -> Table:
    """The table with further occurrences of keys."""
    found, counts = np.unique(more, return_counts=True)
    keys, places = np.unique(np.concatenate([table[0], found]), return_inverse=True)
    totals = np.bincount(places, np.concatenate([table[1], counts]), len(keys))
    return keys, totals.astype(np.int64)


def _looked_up(table: Table, keys: np.ndarray) -> np.ndarray:
    """The counts of keys, float64; 0 for those that are not in the table."""
    known, counts = table
    if not len(known):
        return np.zeros(keys.shape)
    places = np.minimum(np.searchsorted(known, keys), len(known) - 1)
    return np.where(known[places] == keys, counts[places], 0).astype(np.float64)
