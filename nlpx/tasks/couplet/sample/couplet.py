"""Couplets (对联): generated ones for training, and hand-written ones that the generator cannot produce.

A pattern determines the word classes of a line. The upper line has a word of each class, and the lower
line answers each word with an antithetic one, usually from the same line of the word list, sometimes
from elsewhere in the class. Both lines therefore have the same length, and every character answers the one
above it. The rules of the form hold: no character of the upper line occurs in the lower one, characters
repeat in one line exactly where they repeat in the other, the upper line ends in an oblique tone, and the
lower one in a level tone.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from nlpx.data.grammar import Alternative, Choice, choices, pick, read_lines, read_sections
from nlpx.data.records import Pair
from nlpx.data.samples import Sample, SampleRow, by_split

HERE = Path(__file__).parent
TRAIN, HELD_OUT = 6000, 300
ANSWERED_ELSEWHERE = 3
"""Every third held-out upper line has another lower line in the training split, as in real corpora."""
LONGEST = 16
SEED = 20190114
FROM_CLASS, FROM_FAMILY = 0.15, 0.12
"""Probability that a word is answered from its class or family of classes rather than from its lines."""
TRIES = 6


class Leaf(NamedTuple):
    """A position for a word of a class. Leaves with the same label have the same word."""

    name: str
    label: str


class Upper(NamedTuple):
    """An upper line: its leaves and their words. The name of a leaf that is not a word class is its text."""

    leaves: tuple[Leaf, ...]
    words: tuple[str, ...]


class WordClass:
    """Words of equal length and function, with their antitheses.

    Attributes:
        words: every word, once for each line that contains it.
        answers: the other words of the lines of a word, by word.
        kin: the words of all classes of the same family.
    """

    def __init__(self, lines: Sequence[Alternative]) -> None:
        items = [line.items for line in lines for _ in range(line.weight)]
        self.words = [word for line in items for word in line]
        self.kin = self.words
        self.answers: dict[str, list[str]] = {word: [] for word in self.words}
        for line in items:
            for word in line:
                self.answers[word] += [other for other in line if other != word]


def word_classes() -> dict[str, WordClass]:
    """The classes of the word list by name. The heading of a class is its name and its family."""
    classes: dict[str, WordClass] = {}
    families: dict[str, list[str]] = {}
    for heading, lines in read_sections(HERE / "lexicon.txt").items():
        name, family = heading.split()
        classes[name] = word_class = WordClass(lines)
        word_class.kin = families.setdefault(family, [])
        word_class.kin += word_class.words
    return classes


class Composer:
    """Generates couplets from the pattern and word files."""

    def __init__(self, source: random.Random) -> None:
        self._random = source
        self._rules: Mapping[str, Choice] = choices(read_sections(HERE / "patterns.txt"))
        self._classes = word_classes()
        self._level = level_tones()

    def upper(self) -> Upper:
        """An upper line."""
        while True:
            leaves: list[Leaf] = []
            self._grow("句", leaves)
            options = [self._classes[n].words if n in self._classes else [n] for n, _ in leaves]
            words = self._fill(leaves, options, level=False)
            if words and len("".join(words)) <= LONGEST:
                return Upper(tuple(leaves), words)

    def lower(self, upper: Upper) -> str | None:
        """A lower line that answers an upper one; None if the words tried do not keep the form."""
        options = [
            self._answers(self._classes[name], word) if name in self._classes else [word]
            for (name, _), word in zip(upper.leaves, upper.words, strict=True)
        ]
        above = "".join(upper.words)
        words = self._fill(upper.leaves, options, level=True, taken=above)
        lower = "".join(words or ())
        return lower if lower and keeps_form(above, lower) else None

    def couplets(self) -> Iterator[tuple[Upper, str]]:
        """An endless sequence of upper lines with answers."""
        while True:
            upper = self.upper()
            lower = next(filter(None, (self.lower(upper) for _ in range(TRIES))), None)
            if lower:
                yield upper, lower

    def _answers(self, word_class: WordClass, word: str) -> Sequence[str]:
        """The words among which the answer to a word is drawn."""
        chance = self._random.random()
        if chance < FROM_FAMILY:
            return word_class.kin
        return word_class.words if chance < FROM_FAMILY + FROM_CLASS else word_class.answers[word]

    def _grow(self, rule: str, leaves: list[Leaf]) -> None:
        """Add the leaves of a rule."""
        for symbol in self._rules[rule].draw(self._random):
            leaf = parse(symbol)
            if leaf.name in self._rules:
                self._grow(leaf.name, leaves)
            else:
                leaves.append(leaf)

    def _fill(
        self, leaves: Sequence[Leaf], options: Sequence[Sequence[str]], level: bool, taken: str = ""
    ) -> tuple[str, ...] | None:
        """A word per leaf without shared characters or those in `taken`; the last has the given tone."""
        used = set(taken)
        words: list[str] = []
        by_leaf: dict[Leaf, str] = {}
        for leaf, candidates in zip(leaves, options, strict=True):
            word = leaf.name if leaf.name not in self._classes else by_leaf.get(leaf)
            if word is None:
                if len(words) == len(leaves) - 1:
                    candidates = [word for word in candidates if (word[-1] in self._level) == level]
                word = self._draw(candidates, used)
                if word is None:
                    return None
                used.update(word)
                if leaf.label:
                    by_leaf[leaf] = word
            words.append(word)
        return tuple(words) if (words[-1][-1] in self._level) == level else None

    def _draw(self, candidates: Sequence[str], used: set[str]) -> str | None:
        """A word without used characters, if one is found in a few attempts."""
        for _ in range(TRIES if candidates else 0):
            word = pick(self._random, candidates)
            if used.isdisjoint(word):
                return word
        return None


@cache
def parse(symbol: str) -> Leaf:
    """A symbol of a pattern: `{name}`, `{name:label}` or text."""
    name, _, label = symbol.strip("{}").partition(":")
    return Leaf(name, label)


def keeps_form(upper: str, lower: str) -> bool:
    """Whether two lines have the same length, commas and repetitions, and no character in common."""
    pairs = {pair for pair in zip(upper, lower, strict=False) if pair != ("，", "，")}
    above, below = {a for a, _ in pairs}, {b for _, b in pairs}
    one_to_one = len(pairs) == len(above) == len(below)
    return len(upper) == len(lower) and one_to_one and above.isdisjoint(below | {"，"}) and "，" not in below


def level_tones() -> frozenset[str]:
    """The characters of the word list with a level tone (the first or second of modern Mandarin)."""
    return frozenset("".join(read_lines(HERE / "level_tones.txt")))


def written() -> list[tuple[str, str]]:
    """The hand-written couplets."""
    lines = (line.split("\t") for line in read_lines(HERE / "written.tsv"))
    return [(upper, lower) for upper, lower in lines]


@by_split
def rows() -> dict[str, tuple[SampleRow, ...]]:
    """The rows of train, valid and test; hand-written rows are at the end of test."""
    composer = Composer(random.Random(SEED))
    train: dict[tuple[str, str], Upper] = {}
    for upper, lower in composer.couplets():
        train["".join(upper.words), lower] = upper
        if len(train) == TRAIN:
            break
    held_out = list(islice(_held_out(composer, train), 2 * HELD_OUT))
    by_hand = tuple(SampleRow("written", pair) for pair in written())
    return {
        "train": _generated(train),
        "valid": _generated(held_out[:HELD_OUT]),
        "test": _generated(held_out[HELD_OUT:]) + by_hand,
    }


def _held_out(composer: Composer, train: Mapping[tuple[str, str], Upper]) -> Iterator[tuple[str, str]]:
    """Couplets that are not in the training split; the upper line of every third one is."""
    uppers = {upper for upper, _ in train}
    found: set[tuple[str, str]] = set()
    seen = list(train.values())
    new = ((upper, lower) for upper, lower in composer.couplets() if "".join(upper.words) not in uppers)
    again = ((upper, composer.lower(upper)) for upper in seen)
    while True:
        upper, lower = next(again if len(found) % ANSWERED_ELSEWHERE == 0 else new)
        pair = "".join(upper.words), lower
        if lower and pair not in train and pair not in found:
            found.add((pair[0], lower))
            yield pair[0], lower


def _generated(pairs: Iterable[tuple[str, str]]) -> tuple[SampleRow, ...]:
    return tuple(SampleRow("generated", pair) for pair in pairs)


SAMPLE = Sample(Pair.kind, rows, lambda where, row: Pair(where, row.parts[0], row.parts[1], group=row.group))
