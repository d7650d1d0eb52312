"""Questions in groups of paraphrases: generated ones, and hand-written ones that the generator lacks.

A group has an intent and an object (a line of the word list). Its questions are different ways
to ask, with different words for the same object. Held-out groups combine intents and objects that occur in
training, but not in this combination, so a model must know which words have the same meaning.
"""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

from nlpx.data.grammar import choices, pick, read_lines, read_sections
from nlpx.data.records import Question
from nlpx.data.samples import Sample, SampleRow, by_split

HERE = Path(__file__).parent
HELD_OUT = 80
"""Number of validation groups, and of test groups."""
LEAST, MOST = 3, 6
"""Number of questions of a group."""
SEED = 20180729
TRIES = 40
SLOT = re.compile(r"\{([^}]+)\}")


class Composer:
    """Generates groups from the files of intents and words."""

    def __init__(self, source: random.Random) -> None:
        self._random = source
        self._words = choices(read_sections(HERE / "words.txt"))
        classes = read_sections(HERE / "lexicon.txt")
        self._groups: list[tuple[str, tuple[str, ...], list[str]]] = []
        for heading, lines in read_sections(HERE / "intents.txt").items():
            intent, name = heading.split()
            patterns = [line.items[0] for line in lines for _ in range(line.weight)]
            for thing in classes[name]:
                self._groups.append((f"{intent}/{thing.items[0]}", thing.items, patterns))

    def groups(self) -> dict[str, list[str]]:
        """All groups by name, in random order, with their questions, without duplicates."""
        order = sorted(self._groups, key=lambda group: (self._random.random(), group[0]))
        seen: set[str] = set()
        found = {}
        for name, things, patterns in order:
            size = LEAST + int(self._random.random() * (MOST - LEAST + 1))
            questions = (self._question(things, patterns) for _ in range(TRIES))
            fresh = list(islice((q for q in dict.fromkeys(questions) if q not in seen), size))
            if len(fresh) >= LEAST:
                seen.update(fresh)
                found[name] = fresh
        return found

    def _question(self, things: Sequence[str], patterns: Sequence[str]) -> str:
        thing, pattern = pick(self._random, things), pick(self._random, patterns)
        return SLOT.sub(lambda match: thing if match[1] == "x" else self._word(match[1]), pattern)

    def _word(self, name: str) -> str:
        (word,) = self._words[name].draw(self._random)
        return "" if word == "-" else word


def written() -> list[SampleRow]:
    """The hand-written questions with their groups."""
    lines = (line.split("\t") for line in read_lines(HERE / "written.tsv"))
    return [SampleRow("written", (group, text)) for group, text in lines]


@by_split
def rows() -> dict[str, list[SampleRow]]:
    """The rows of train, valid and test; hand-written rows are at the end of test."""
    groups = iter(Composer(random.Random(SEED)).groups().items())

    def take(count: int | None) -> list[SampleRow]:
        return [
            SampleRow("generated", (name, text)) for name, texts in islice(groups, count) for text in texts
        ]

    valid, test = take(HELD_OUT), take(HELD_OUT)
    return {"train": take(None), "valid": valid, "test": test + written()}


def _record(where: str, row: SampleRow) -> Question:
    return Question(where, row.parts[0], row.parts[1], group=row.group)


SAMPLE = Sample(Question.kind, rows, _record)
