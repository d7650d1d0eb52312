"""The most similar sentences of a large corpus, by comparing those of near cells."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import numpy as np

from nlpx.decoding.nearest import Nearest, Searchable
from nlpx.text.points import Points

CANDIDATES = 256
"""Sentences for each text that are compared exactly."""


class Approximate(Nearest):
    """The most similar sentences among candidates, those whose vectors are nearest in near cells of a corpus.

    Candidates are ordered by their exact scores, lexical part included. A corpus without cells is searched
    exactly.

    Args:
        neighbours: how many.
        lexical: as for `Nearest`.
        probes: how many cells are looked into.
    """

    def __init__(
        self, neighbours: int = 5, lexical: float | Literal["learned"] = 0.0, probes: int = 64
    ) -> None:
        super().__init__(neighbours, lexical)
        self.probes = probes

    def search(self, asked: Points, corpus: Searchable) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        candidates = corpus.candidates(asked.dense, max(CANDIDATES, self.neighbours), self.probes)
        if candidates is None:
            yield from super().search(asked, corpus)
            return
        for row, named in enumerate(candidates):
            places = named[named >= 0]
            columns, scores = self.decode(asked[row : row + 1].scores(corpus.points(places)))
            yield places[columns[0]], scores[0]
