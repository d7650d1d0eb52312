"""Entities of a knowledge base, as lines of JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from nlpx.data.json_lines import NO_OBJECT, has_half_characters, plain_text, read_object, shown

NIL = "NIL"
"""Stands for an entity that is not in the knowledge base."""
BRACKETS = "《》"
"""Titles are written in them, and named without them."""
NAMES = "名称"
"""The predicate of the line of a description that lists the names."""


class Fact(NamedTuple):
    """A statement about an entity."""

    predicate: str
    object: str


@dataclass(frozen=True, slots=True)
class Entity:
    """An entity.

    Attributes:
        kb_id: its identifier.
        subject: its main name, which may say in brackets what it is.
        aliases: other names.
        types: what it is, such as Person.
        facts: what is known of it.
    """

    kb_id: str
    subject: str
    aliases: tuple[str, ...]
    types: tuple[str, ...] = ()
    facts: tuple[Fact, ...] = ()

    @property
    def names(self) -> list[str]:
        """All names without the brackets of titles, each once."""
        names = (name.strip(BRACKETS).strip() for name in (self.subject, *self.aliases))
        return list(dict.fromkeys(filter(None, names)))

    @property
    def description(self) -> str:
        """Its facts and names, a line each."""
        lines = [
            *(f"{fact.predicate}：{fact.object}" for fact in self.facts),
            f"{NAMES}：{'、'.join(self.names)}",
        ]
        return "\n".join(lines)

    @property
    def summary(self) -> str:
        """Its first fact, or its types; may be empty."""
        return self.facts[0].object if self.facts else "、".join(self.types)

    def shortened(self, length: int) -> Entity:
        """With so many of its first facts as fit into a description of this length, at least one."""
        left, facts = length, list[Fact]()
        for fact in self.facts:
            left -= len(fact.predicate) + len(fact.object) + 2
            if left < 0 and facts:
                break
            facts.append(fact)
        return Entity(self.kb_id, self.subject, self.aliases, self.types, tuple(facts))

    @property
    def line(self) -> str:
        """The line of a file that `read_entity` reads."""
        fields = {
            "alias": self.aliases,
            "subject_id": self.kb_id,
            "subject": self.subject,
            "type": self.types,
            "data": [fact._asdict() for fact in self.facts],
        }
        return json.dumps(fields, ensure_ascii=False)


def read_entity(line: str) -> Entity | str:
    """The entity of a line of JSON, or the reason why it is bad."""
    fields = read_object(line)
    if isinstance(fields, str):
        return (
            f'{NO_OBJECT}; expected {{"subject_id": ..., "subject": ..., ...}}'
            if fields == NO_OBJECT
            else fields
        )
    if has_half_characters("".join(_strings(fields))):
        return "an escape names half a character, as \\ud800 does; expected whole characters"
    kb_id, subject = (
        " ".join((plain_text(fields.get(key)) or "").split()) for key in ("subject_id", "subject")
    )
    for key, text in (("subject_id", kb_id), ("subject", subject)):
        if not text:
            return f"the field {key} is {_what(fields.get(key))}; expected a text"
    if kb_id == NIL:
        return f"the subject_id is {NIL}, which stands for no entity"
    for name in ("alias", "type"):
        value = fields.get(name, [])
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            return f"the field {name} is {_what(value)}; expected a list of texts"
    facts = fields.get("data", [])
    if not isinstance(facts, list):
        return f"the field data is {_what(facts)}; expected a list of predicates with objects"
    found = [_fact(fact) for fact in facts]
    if None in found:
        return f"fact {found.index(None) + 1} of the field data has no text as predicate or object"
    return Entity(
        kb_id,
        subject,
        _texts(fields.get("alias", [])),
        _texts(fields.get("type", [])),
        tuple(fact for fact in found if fact is not None),
    )


def _strings(value: object) -> Iterator[str]:
    """All texts in a value of JSON."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _strings(item)


def _fact(fact: object) -> Fact | None:
    if not isinstance(fact, dict):
        return None
    predicate, of = (plain_text(fact.get(name)) for name in Fact._fields)
    return (
        None if predicate is None or of is None else Fact(" ".join(predicate.split()), " ".join(of.split()))
    )


def _texts(values: object) -> tuple[str, ...]:
    texts: Iterable[str] = values if isinstance(values, Sequence) else ()
    return tuple(filter(None, (" ".join(text.split()) for text in texts)))


def _what(value: object) -> str:
    return "missing" if value is None else shown(value)
