"""Couplets of five-character lines (诗): composed ones to learn from, and ones written by hand.

A pattern says of which word classes a line consists. Both lines of a verse follow one pattern and take their
words from one theme (spring, autumn, the frontier, the fields, night, snow), so that every word stands
opposite one of its class, and every character of a verse tells something about all others. No character
occurs twice in a verse.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

from nlpx.data.grammar import choices, pick, read_lines, read_sections
from nlpx.data.records import Verse
from nlpx.data.samples import Sample, SampleRow

HERE = Path(__file__).parent
TRAIN, HELD_OUT = 6000, 300
SEED = 20180324
COMMON = "通"
"""The theme whose words stand in every verse."""
TRIES = 8


class Composer:
    """Composes verses from the pattern and word files.

    Args:
        source: where every choice comes from.
    """

    def __init__(self, source: random.Random) -> None:
        self._random = source
        self._pattern = choices(read_sections(HERE / "patterns.txt"))["句"]
        self._words: dict[str, dict[str, list[str]]] = {}
        for heading, alternatives in read_sections(HERE / "lexicon.txt").items():
            theme, word_class = heading.split()
            words = [word for alternative in alternatives for word in alternative.items]
            self._words.setdefault(theme, {})[word_class] = words
        common = self._words.pop(COMMON)
        for classes in self._words.values():
            classes.update(common)
        self._themes = list(self._words)

    def verses(self) -> Iterator[str]:
        """Verses without end, some of them again and again."""
        while True:
            classes = self._words[pick(self._random, self._themes)]
            pattern = self._pattern.draw(self._random)
            verse = self._filled([classes[name] for name in (*pattern, *pattern)])
            if verse is not None:
                yield verse

    def _filled(self, options: Sequence[Sequence[str]]) -> str | None:
        """One word of each, no character twice; None if some tries find none."""
        verse = ""
        for words in options:
            word = self._draw(words, verse)
            if word is None:
                return None
            verse += word
        return verse

    def _draw(self, words: Sequence[str], used: str) -> str | None:
        for _ in range(TRIES):
            word = pick(self._random, words)
            if len(set(word)) == len(word) and not set(word) & set(used):
                return word
        return None


def written() -> list[str]:
    """The verses written by hand, their marks dropped."""
    return [line.replace("，", "") for line in read_lines(HERE / "written.txt")]


def rows(split: str) -> Sequence[SampleRow]:
    """The rows of train, valid or test; those written by hand end test."""
    return _splits()[split]


@cache
def _splits() -> dict[str, tuple[SampleRow, ...]]:
    found: dict[str, None] = {}
    for verse in Composer(random.Random(SEED)).verses():
        found[verse] = None
        if len(found) == TRAIN + 2 * HELD_OUT:
            break
    composed = tuple(SampleRow("generated", (verse,)) for verse in found)
    by_hand = tuple(SampleRow("written", (verse,)) for verse in written())
    return {
        "train": composed[:TRAIN],
        "valid": composed[TRAIN : TRAIN + HELD_OUT],
        "test": composed[TRAIN + HELD_OUT :] + by_hand,
    }


SAMPLE = Sample(Verse.kind, rows, lambda where, row: Verse(where, row.parts[0], group=row.group))
