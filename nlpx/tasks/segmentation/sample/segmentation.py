"""Segmented sentences: generated ones, and hand-written ones that the generator cannot produce.

A pattern is expanded to words of classes. Names of people and places are combined from characters, so that
the validation and test splits contain names that do not occur in training. Many characters occur in several
words, or are words.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from pathlib import Path

from nlpx.data.grammar import Choice, choices, pick, read_lines, read_sections
from nlpx.data.records import Sentence
from nlpx.data.samples import Sample, SampleRow, by_split, distinct

HERE = Path(__file__).parent
SIZES = {"train": 4000, "valid": 300, "test": 300}
SHORTEST, LONGEST = 6, 60
SEED = 20180518
PERSON, PLACE = "人名", "地名"


class Composer:
    """Generates sentences from the pattern and word files."""

    def __init__(self, source: random.Random) -> None:
        self._random = source
        self._rules: Mapping[str, Choice] = choices(read_sections(HERE / "patterns.txt"))
        self._classes = {
            name: [item for line in lines for _ in range(line.weight) for item in line.items]
            for name, lines in read_sections(HERE / "lexicon.txt").items()
        }

    def sentence(self) -> tuple[str, ...]:
        """The words of a sentence."""
        while True:
            words = tuple(self._words("句"))
            if SHORTEST <= sum(map(len, words)) <= LONGEST:
                return words

    def _words(self, symbol: str) -> Iterator[str]:
        if symbol in self._rules:
            for part in self._rules[symbol].draw(self._random):
                yield from self._words(part)
        elif symbol == PERSON:
            yield self._composed("姓", "名字", optional="名字")
        elif symbol == PLACE:
            yield self._composed("地名头", "地名中", "地名尾")
        elif symbol in self._classes:
            yield pick(self._random, self._classes[symbol])
        else:
            yield symbol

    def _composed(self, *classes: str, optional: str | None = None) -> str:
        extra = (optional,) if optional and self._random.random() < 0.6 else ()
        return "".join(pick(self._random, self._classes[name]) for name in (*classes, *extra))


@by_split
def rows() -> dict[str, list[SampleRow]]:
    """The rows of train, valid and test; hand-written rows are at the end of test."""
    drawn = distinct(SIZES, Composer(random.Random(SEED)).sentence, "".join)
    splits = {split: [SampleRow("generated", words) for words in found] for split, found in drawn.items()}
    splits["test"] += [SampleRow("written", tuple(line.split())) for line in read_lines(HERE / "written.txt")]
    return splits


SAMPLE = Sample(Sentence.kind, rows, lambda where, row: Sentence(where, row.parts, group=row.group))
