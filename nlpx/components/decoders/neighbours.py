"""What a decoder is that finds the most similar sentences of a corpus."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, ClassVar, Literal, Protocol

from nlpx.components.decoders.base import Decoder
from nlpx.core.lazy import np
from nlpx.core.options import NonNegativeFloat, PositiveInt

if TYPE_CHECKING:
    from nlpx.text.points import Points

ASKED_AT_ONCE = 256
"""Texts that are compared with a segment together: 64 MiB of scores, a segment being 65,536 sentences."""


class Searchable(Protocol):
    """Sentences, by their places, as points."""

    def segments(self) -> Iterator[Points]:
        """All of them, some at a time."""
        ...

    def points(self, places: np.ndarray) -> Points:
        """Some of them."""
        ...

    def candidates(self, vectors: np.ndarray, count: int, probes: int) -> np.ndarray | None:
        """Places of the sentences that are probably nearest to vectors (n, D), each row ascending.

        (n, count); -1 where there are fewer; None if there is nothing but comparing all.
        """
        ...


class Neighbours(Decoder):
    """The base of decoders that search sentences: the most similar first; of equal ones, the earlier first.

    `lexical` is for those who make the scores.
    """

    needs: ClassVar[frozenset[str]] = frozenset({"vector"})

    neighbours: PositiveInt = 5
    lexical: Literal["learned"] | NonNegativeFloat = 0.0

    def decode(self, scores: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Columns and scores, each (n, min(neighbours, m)), of scores (n, m) float32."""
        count = min(self.neighbours, scores.shape[1])
        if count < scores.shape[1]:
            # The partition may cut through a tie anywhere: all that reach the last score are sorted.
            least = np.partition(scores, scores.shape[1] - count, axis=1)[:, -count]
        else:
            least = np.full(len(scores), -np.inf, scores.dtype)
        columns = np.empty((len(scores), count), np.int64)
        for row, (values, limit) in enumerate(zip(scores, least, strict=True)):
            reached = np.flatnonzero(values >= limit)
            columns[row] = reached[np.argsort(-values[reached], kind="stable")[:count]]
        return columns, np.take_along_axis(scores, columns, 1)

    def search(self, asked: Points, corpus: Searchable) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Places and scores of the most similar sentences for every point, as `decode` orders them.

        The scores of some texts with some sentences are in memory at a time.
        """
        for start in range(0, len(asked), ASKED_AT_ONCE):
            block = asked[start : start + ASKED_AT_ONCE]
            yield from zip(*self._search(block, corpus.segments()), strict=True)

    def _search(self, asked: Points, segments: Iterable[Points]) -> tuple[np.ndarray, np.ndarray]:
        places = np.empty((len(asked), 0), np.int64)
        best = np.empty((len(asked), 0), np.float32)
        start = 0
        for segment in segments:
            scores = asked.scores(segment)
            columns = np.arange(len(segment))
            if best.shape[1] == self.neighbours:
                # Of equal scores the earlier stands first: one that only equals the last comes too late.
                columns = np.flatnonzero((scores > best[:, -1:]).any(0))
            chosen, chosen_scores = self.decode(scores[:, columns])
            kept, merged = self.decode(np.hstack([best, chosen_scores]))
            places = np.take_along_axis(np.hstack([places, columns[chosen] + start]), kept, 1)
            best, start = merged, start + len(segment)
        return places, best
