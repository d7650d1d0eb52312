"""Short reviews: generated ones, and ones written by hand, which the generator cannot produce.

A clause names an aspect and an adjective, possibly that of the other class with a negation, or is taken from
a list. A review has one to three clauses of its class, and may begin with a concession of the other class, so
that the conjunctions decide. No four consecutive characters of a written review occur in the lists.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from nlpx.components.sources.labelled_texts import LabelledText
from nlpx.data.grammar import choices, pick, read_lines, read_sections
from nlpx.data.samples import Sample, SampleRow

HERE = Path(__file__).parent
TRAIN, HELD_OUT = 3200, 240
SEED = 20170330
LISTED, NEGATED, SET = 0.6, 0.3, 0.3
"""Proportions of clauses from the lists, of negations among the others, and of clauses with a setting."""
CONCEDED, NEUTRAL = 0.3, 0.2
"""Proportions of reviews with a concession and with a neutral clause."""
ASPECTS = ("room", "staff", "food", "place", "price", "delivery")
GOOD, BAD = "好评", "差评"
LABELS = (GOOD, BAD)


class Generator:
    """Generates reviews.

    Args:
        source: random number generator.
    """

    def __init__(self, source: random.Random) -> None:
        self._random = source
        self._words = choices(read_sections(HERE / "aspects.txt") | read_sections(HERE / "phrases.txt"))

    def review(self, label: str) -> str:
        """A review of a class."""
        good = label == GOOD
        clauses = [self._clause(good) for _ in range(1 + int(self._random.random() * 3))]
        if self._chance(CONCEDED):
            clauses[0] = f"{self._word('but')}{clauses[0]}"
            clauses.insert(0, f"{self._word('although')}{self._clause(not good)}")
        if self._chance(NEUTRAL):
            clauses.insert(0, self._word("neutral"))
        return "，".join(clauses) + "。"

    def _clause(self, good: bool) -> str:
        setting = self._word("setting") if self._chance(SET) else ""
        if self._chance(LISTED):
            return setting + self._word("praise" if good else "blame")
        aspect, negated = pick(self._random, ASPECTS), self._chance(NEGATED)
        degree, quality = self._word("not" if negated else "very"), "good" if good != negated else "bad"
        return f"{setting}{self._word(aspect)}{degree}{self._word(f'{aspect} {quality}')}"

    def _chance(self, probability: float) -> bool:
        return self._random.random() < probability

    def _word(self, section: str) -> str:
        return pick(self._random, self._words[section].draw(self._random))


def written(split: str) -> list[SampleRow]:
    """The reviews of a split that were written by hand."""
    lines = (line.split("\t") for line in read_lines(HERE / f"written_{split}.tsv"))
    return [SampleRow("written", (label, text)) for label, text in lines]


def rows(split: str) -> Sequence[SampleRow]:
    """The records of train, valid or test; those written by hand are at the end."""
    return _splits()[split]


@cache
def _splits() -> dict[str, list[SampleRow]]:
    source = random.Random(SEED)
    generator = Generator(source)
    reviews: dict[str, str] = {}
    while len(reviews) < TRAIN + 2 * HELD_OUT:
        label = pick(source, LABELS)
        reviews.setdefault(generator.review(label), label)
    generated = [SampleRow("generated", (label, text)) for text, label in reviews.items()]
    return {
        "train": generated[2 * HELD_OUT :],
        "valid": generated[:HELD_OUT] + written("valid"),
        "test": generated[HELD_OUT : 2 * HELD_OUT] + written("test"),
    }


def _record(where: str, row: SampleRow) -> LabelledText:
    return LabelledText(where, row.parts[0], row.parts[1], group=row.group)


SAMPLE = Sample(LabelledText.kind, rows, _record)
