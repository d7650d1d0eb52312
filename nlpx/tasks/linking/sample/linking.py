"""Sentences that mention entities with ambiguous names: generated ones, and ones written by hand.

A generated sentence has one or two clauses from the patterns of the types of its entities, whose gaps are
filled with facts of the knowledge base. Neutral clauses contain words that are also names of songs and
companies, as which they are not annotated. The patterns cannot produce the sentences written by hand.
"""

from __future__ import annotations

import random
import re
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from nlpx.components.sources.linked_texts import LinkedText, Mention
from nlpx.data.grammar import pick, read_lines, read_sections
from nlpx.data.knowledge import Entity, read_entity
from nlpx.data.samples import Sample, SampleRow, distinct

HERE = Path(__file__).parent
SIZES = {"valid": 40, "test": 60, "train": 400}
"""Generated sentences."""
SEED = 6919
SECOND, NEUTRAL, BEFORE, NOT_IN_KB, OTHER_NAME = 0.4, 0.4, 0.4, 0.04, 0.15
"""Proportions of sentences with a second entity, a neutral clause, an opening, a mention that is not in the
knowledge base; of mentions by a name that only this entity has."""
MARKED = re.compile(r"\[(.+?)\|(\w+)\]")
GAP = re.compile(r"\{(.+?)\}")


@cache
def knowledge() -> Mapping[str, Entity]:
    """The entities by identifier."""
    entities = map(read_entity, read_lines(HERE / "kb.jsonl"))
    return {entity.kb_id: entity for entity in entities if isinstance(entity, Entity)}


class Generator:
    """Generates sentences with marked mentions, `[mention|kb_id]`.

    Args:
        source: random number generator.
    """

    def __init__(self, source: random.Random) -> None:
        self._random = source
        sections = read_sections(HERE / "patterns.txt")
        self._patterns = {name: [line.items[0] for line in lines] for name, lines in sections.items()}
        self._entities = list(knowledge().values())

    def sentence(self) -> str:
        """A sentence."""
        first = pick(self._random, self._entities)
        clauses = [self._clause(first)]
        if self._chance(SECOND):
            other = pick(self._random, self._entities)
            if not set(first.names) & set(other.names):
                clauses.append(self._clause(other))
        if self._chance(NOT_IN_KB):
            clauses.append(pick(self._random, self._patterns["nil"]))
        if self._chance(NEUTRAL):
            clauses.insert(int(self._random.random() * 2), pick(self._random, self._patterns["neutral"]))
        opening = pick(self._random, self._patterns["before"]) if self._chance(BEFORE) else ""
        return opening + "，".join(clauses)

    def _clause(self, entity: Entity) -> str:
        """A clause about an entity whose gaps its facts can fill."""
        facts: dict[str, list[str]] = {}
        for fact in entity.facts:
            facts.setdefault(fact.predicate, []).append(fact.object)
        fitting = [p for p in self._patterns[entity.types[0]] if set(GAP.findall(p)) <= facts.keys()]
        pattern = GAP.sub(lambda gap: pick(self._random, facts[gap[1]]), pick(self._random, fitting))
        return pattern.replace("〈〉", f"[{self._name(entity)}|{entity.kb_id}]")

    def _name(self, entity: Entity) -> str:
        """A name of an entity; usually one that others have, too."""
        names = [name for name in entity.names if "（" not in name]
        shared = [
            name for name in names if any(name in other.names for other in self._entities if other != entity)
        ]
        return pick(self._random, names if not shared or self._chance(OTHER_NAME) else shared)

    def _chance(self, probability: float) -> bool:
        return self._random.random() < probability


def written(split: str) -> list[SampleRow]:
    """The sentences of a split that were written by hand."""
    return [SampleRow("written", (line,)) for line in read_lines(HERE / f"written_{split}.txt")]


@cache
def _splits() -> Mapping[str, list[SampleRow]]:
    generator = Generator(random.Random(SEED))
    drawn = distinct(SIZES, generator.sentence, plain)
    generated = {split: [SampleRow("generated", (line,)) for line in lines] for split, lines in drawn.items()}
    return {
        split: [*rows, *(written(split) if split != "train" else [])] for split, rows in generated.items()
    }


def rows(split: str) -> Sequence[SampleRow]:
    """The records of train, valid or test; those written by hand are at the end."""
    return _splits()[split]


def plain(marked: str) -> str:
    """A marked sentence without its marks."""
    return MARKED.sub(r"\1", marked)


def mentions(marked: str) -> list[Mention]:
    """The mentions of a marked sentence."""
    found: list[Mention] = []
    for match in MARKED.finditer(marked):
        found.append(Mention(match[1], len(plain(marked[: match.start()])), match[2]))
    return found


def _record(where: str, row: SampleRow) -> LinkedText:
    (marked,) = row.parts
    return LinkedText(where, plain(marked), tuple(mentions(marked)), knowledge(), group=row.group)


SAMPLE = Sample(LinkedText.kind, rows, _record)
