"""Headlines: generated short news for training, and hand-written news that the generator cannot produce.

An event has headlines, first sentences and further sentences, all with slots. A slot is filled once per
row, so that headline and article agree. Names, places and numbers are combined from
characters, so that validation and test articles contain new ones, which can only be copied.
"""

from __future__ import annotations

import random
import re
from collections.abc import Mapping
from operator import itemgetter
from pathlib import Path

from nlpx.data.grammar import Choice, choices, pick, read_lines, read_sections
from nlpx.data.records import Article
from nlpx.data.samples import Sample, SampleRow, by_split, distinct

HERE = Path(__file__).parent
SIZES = {"train": 3000, "valid": 200, "test": 200}
SEED = 20180901
TITLE, LEAD, BODY, ENDING = "题", "导", "文", "尾"
SENTENCES = 2
"""Maximum number of sentences between the first one and the ending."""
ENDED = 0.5
"""Proportion of articles with an ending."""
FRESH, BLANK = "#", "_"
SLOT = re.compile(r"{([^{}]+)}")


class Composer:
    """Generates articles from the event and word files."""

    def __init__(self, source: random.Random) -> None:
        self._random = source
        sections = read_sections(HERE / "events.txt")
        self._choices: Mapping[str, Choice] = choices(sections)
        self._events = [name.removesuffix(f".{TITLE}") for name in sections if name.endswith(f".{TITLE}")]
        self._titles, self._bodies = (
            {
                event: [text for line in sections[f"{event}.{part}"] for text in line.items * line.weight]
                for event in self._events
            }
            for part in (TITLE, BODY)
        )
        self._words = {
            name: [word for line in lines for word in line.items * line.weight]
            for name, lines in read_sections(HERE / "lexicon.txt").items()
        }

    def article(self) -> tuple[str, str]:
        """Headline and text."""
        event = pick(self._random, self._events)
        slots: dict[str, str] = {}
        templates = [*self._choices[f"{event}.{LEAD}"].draw(self._random)]
        bodies = list(self._bodies[event])
        for _ in range(1 + int(self._random.random() * SENTENCES)):
            templates.append(bodies.pop(int(self._random.random() * len(bodies))))
        if self._random.random() < ENDED:
            templates += self._choices[ENDING].draw(self._random)
        content = "".join(self._filled(template, slots) for template in templates)
        # The headline must only use slots that occur in the article.
        headlines = [text for text in self._titles[event] if slots.keys() >= set(SLOT.findall(text))]
        return self._filled(pick(self._random, headlines), slots), content

    def _filled(self, template: str, slots: dict[str, str]) -> str:
        """A template with its slots filled; new values are stored in `slots`."""

        def value(match: re.Match[str]) -> str:
            name = match[1]
            if name.startswith(FRESH):
                return self._filled(self._drawn(name.removeprefix(FRESH)), {})
            if name not in slots:
                slots[name] = self._filled(self._drawn(name.partition(":")[0]), slots)
            return slots[name]

        return SLOT.sub(value, template).replace(BLANK, " ")

    def _drawn(self, name: str) -> str:
        if name in self._words:
            return pick(self._random, self._words[name])
        (text,) = self._choices[name].draw(self._random)
        return text


@by_split
def rows() -> dict[str, list[SampleRow]]:
    """The rows of train, valid and test; hand-written rows are at the end of test."""
    drawn = distinct(SIZES, Composer(random.Random(SEED)).article, itemgetter(1))
    splits = {split: [SampleRow("generated", parts) for parts in found] for split, found in drawn.items()}
    for line in read_lines(HERE / "written.tsv"):
        splits["test"].append(SampleRow("written", tuple(line.split("\t"))))
    return splits


def _record(where: str, row: SampleRow) -> Article:
    return Article(where, row.parts[0], row.parts[1], group=row.group)


SAMPLE = Sample(Article.kind, rows, _record)
