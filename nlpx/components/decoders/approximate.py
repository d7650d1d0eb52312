"""The most similar sentences of a large corpus, by comparing those of near cells."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar, Literal

from nlpx.components.decoders.neighbours import Neighbours, Searchable
from nlpx.core.lazy import np
from nlpx.core.options import PositiveInt

if TYPE_CHECKING:
    from nlpx.text.points import Points

CANDIDATES = 256
"""Sentences for each text that are compared exactly."""


class Approximate(Neighbours):
    """Like nearest, for millions of sentences: only sentences in the nearest cells are compared.

    Faiss sorts the vectors of n sentences into sqrt(n) cells around the centres of k-means, 8 bits a
    number. The 256 nearest in the cells searched are candidates, ordered by their exact scores.
    A corpus without cells is searched exactly.

    Options:
        neighbours: how many.
        lexical: as in nearest; sentences that share characters and nothing else are no candidates.
        probes: how many cells are searched, those with the nearest centres; if these are all cells, the only
            difference from exact search is the 8 bits.
    Shapes: vectors (n, D) of n texts -> n lists of sentences, the best first.
    Data: any text; below 100,000 sentences nearest is as fast.
    Relations: evaluation compares all sentences of the split, as with nearest.
    Reference: Jegou et al. 2011 (inverted lists); Douze et al. 2024, arXiv 2401.08281 (faiss).
    Example:
        decode: {type: approximate, neighbours: 3, probes: 128}
    """

    extra: ClassVar[str] = "faiss"

    type: Literal["approximate"] = "approximate"
    probes: PositiveInt = 64

    def search(self, asked: Points, corpus: Searchable) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        candidates = corpus.candidates(asked.dense, max(CANDIDATES, self.neighbours), self.probes)
        if candidates is None:
            yield from super().search(asked, corpus)
            return
        for row, named in enumerate(candidates):
            places = named[named >= 0]
            columns, scores = self.decode(asked[row : row + 1].scores(corpus.points(places)))
            yield places[columns[0]], scores[0]
