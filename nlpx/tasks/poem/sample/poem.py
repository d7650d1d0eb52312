"""Couplets of five-character lines (诗): generated ones for training, and hand-written ones.

A pattern determines the word classes of a line. Both lines of a verse follow the same pattern, with words
from one theme (spring, autumn, the frontier, the fields, night, snow), so that every word is
opposite a word of its class, and every character of a verse is informative about all others. No character
occurs twice in a verse.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from pathlib import Path

from nlpx.data.grammar import choices, pick, read_lines, read_sections
from nlpx.data.records import Verse
from nlpx.data.samples import Sample, SampleRow, by_split

HERE = Path(__file__).parent
TRAIN, HELD_OUT = 6000, 300
SEED = 20180324
COMMON = "通"
"""The theme whose words occur in all verses."""
TRIES = 8


class Composer:
    """Generates verses from the pattern and word files."""

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
        """An endless sequence of verses with repetitions."""
        while True:
            classes = self._words[pick(self._random, self._themes)]
            pattern = self._pattern.draw(self._random)
            verse = self._filled([classes[name] for name in (*pattern, *pattern)])
            if verse is not None:
                yield verse

    def _filled(self, options: Sequence[Sequence[str]]) -> str | None:
        """A word of each class without repeated characters; None if a few attempts fail."""
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
    """The hand-written verses without punctuation."""
    return [line.replace("，", "") for line in read_lines(HERE / "written.txt")]


@by_split
def rows() -> dict[str, tuple[SampleRow, ...]]:
    """The rows of train, valid and test; hand-written rows are at the end of test."""
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
