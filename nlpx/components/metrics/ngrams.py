"""Character n-grams for metrics, without borders."""

from __future__ import annotations

from collections.abc import Sequence

from nlpx.components.metrics.resampled import jackknife
from nlpx.core.lazy import np

SEVERAL = -1
"""In place of the row of an n-gram that several rows have."""


def ngrams(text: str, n: int) -> list[str]:
    """The n-grams of a text, in order."""
    return [text[i : i + n] for i in range(len(text) - n + 1)]


class DistinctCount:
    """Counts n-grams and the different ones among them, by row."""

    def __init__(self) -> None:
        self._owners: dict[str, int] = {}
        self._sizes: list[int] = []

    def add(self, found: Sequence[str]) -> None:
        """Count the n-grams of one more row."""
        row = len(self._sizes)
        self._sizes.append(len(found))
        for gram in found:
            if self._owners.setdefault(gram, row) != row:
                self._owners[gram] = SEVERAL

    @property
    def value(self) -> float | None:
        """The number of different n-grams divided by that of all; None without any."""
        total = sum(self._sizes)
        return len(self._owners) / total if total else None

    def of_rows(self) -> np.ndarray:
        """What each row contributes to the value, (rows,), by leaving it out; empty if that leaves nothing.

        The number of different n-grams of drawn rows is too small, because a row that is drawn twice adds
        none. Leaving out rows one by one does not have this fault (for numbers of species in plots of land:
        Heltshe and Forrester 1983).
        """
        sizes = np.array(self._sizes, np.float64)
        owners = np.fromiter(self._owners.values(), int, len(self._owners))
        own = np.bincount(owners[owners != SEVERAL], minlength=len(sizes))
        value, left = self.value, sizes.sum() - sizes
        if value is None or not left.all():
            return np.zeros(0)
        return jackknife(value, (len(owners) - own) / left)
