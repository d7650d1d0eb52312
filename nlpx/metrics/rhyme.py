"""Whether the verses that a model composes rhyme."""

from __future__ import annotations

from nlpx.components.rhymes.base import Rhymes
from nlpx.metrics.base import Metric, ratios
from nlpx.metrics.examples import VerseExample
from nlpx.text.verse import rhyme_positions


class Rhyme(Metric[VerseExample]):
    """Share of quatrains whose second and fourth line end in different characters of one class:

        rhymed = of those composed, one for every row of the split
        row_rhymed = of the rows of the split

    Args:
        rhymes: which characters rhyme.
    """

    def __init__(self, rhymes: Rhymes) -> None:
        self._rhymes = rhymes
        self._rows = self._rhymed = self._row_rhymed = 0

    def update(self, example: VerseExample) -> None:
        self._rows += 1
        self._rhymed += self._does("".join(example.composed))
        self._row_rhymed += self._does(example.text)

    def _does(self, verse: str) -> bool:
        second, fourth = rhyme_positions(len(verse))
        return self._rhymes.rhyme(verse[second], verse[fourth])

    def result(self) -> dict[str, float]:
        return ratios(rhymed=(self._rhymed, self._rows), row_rhymed=(self._row_rhymed, self._rows))
