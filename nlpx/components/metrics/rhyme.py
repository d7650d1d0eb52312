"""Rhyme of generated verses."""

from __future__ import annotations

from typing import ClassVar, Literal

from nlpx.components.metrics.base import Directions, Metric, Terms
from nlpx.components.metrics.example import Values
from nlpx.components.rhymes.base import Rhymes
from nlpx.components.rhymes.pinyin import PinyinRhymes
from nlpx.text.verse import rhyme_positions


class Rhyme(Metric):
    """Proportion of quatrains whose second and fourth line end in different characters of a rhyme class.

    rhymed: generated verses; row_rhymed: the records of the split for comparison.

    Options:
        rhymes: the rhyme classes.
    Shapes: two values per split, 0 to 1.
    Data: quatrains; one verse is generated for every record, as for novelty.
    Relations: rhymed is 1 with the same `rhymes` in decoder/verse, if a class has enough characters.
    Reference: Wang Li 1958, 汉语诗律学.
    Example:
        data: {length: 20}
        metrics: [{type: rhyme, rhymes: {type: table, file: rhymes.tsv}}]
    """

    needs: ClassVar[frozenset[str]] = frozenset({"generated", "source_text"})
    directions: ClassVar[Directions] = {"rhymed": "max", "row_rhymed": "max"}

    type: Literal["rhyme"] = "rhyme"
    rhymes: Rhymes = PinyinRhymes()

    def terms(self, example: Values) -> Terms:
        verses = {"rhymed": "".join(example.generated), "row_rhymed": example.source_text}
        return {name: (self._does(verse), 1) for name, verse in verses.items()}

    def _does(self, verse: str) -> bool:
        second, fourth = rhyme_positions(len(verse))
        return self.rhymes.rhyme(verse[second], verse[fourth])
