"""Texts with mentions of the entities of a knowledge base."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar, Literal, NamedTuple, Self

from pydantic import PrivateAttr

from nlpx.components.sources.base import CorpusPath, FileSource
from nlpx.data.files import fingerprint
from nlpx.data.formats.look import recognized
from nlpx.data.formats.texts import NAMED_JSON
from nlpx.data.json_lines import NO_OBJECT, Fields, has_half_characters, plain_text, read_object, shown
from nlpx.data.knowledge import NIL, Entity, read_entity
from nlpx.data.records import BadRow, Record

Knowledge = Mapping[str, Entity]
"""The entities of a knowledge base by identifier, in the order of its file."""
KB_FILE = "kb.jsonl"
"""The file of the knowledge base next to exported records."""


class Mention(NamedTuple):
    """A mention of an entity in a text.

    Attributes:
        text: the characters of the mention.
        offset: where it begins, in characters.
        kb_id: the entity; NIL if it is not in the knowledge base.
    """

    text: str
    offset: int
    kb_id: str

    @property
    def end(self) -> int:
        return self.offset + len(self.text)


@dataclass(frozen=True, slots=True)
class LinkedText(Record):
    """A text with the mentions in it, and the knowledge base that they refer to."""

    kind: ClassVar[str] = "linked_text"
    read: ClassVar[tuple[str, ...]] = ("text",)
    source: ClassVar[str] = "linked_texts"
    suffix: ClassVar[str] = ".jsonl"

    text: str
    mentions: tuple[Mention, ...]
    knowledge: Knowledge = field(compare=False, repr=False)

    @property
    def linked(self) -> list[Mention]:
        """The mentions of entities of the knowledge base."""
        return [mention for mention in self.mentions if mention.kb_id != NIL]

    @property
    def line(self) -> str:
        mentions = [
            {"kb_id": mention.kb_id, "mention": mention.text, "offset": str(mention.offset)}
            for mention in self.mentions
        ]
        return json.dumps({"text": self.text, "mention_data": mentions}, ensure_ascii=False)

    def reader(self) -> str:
        return f"{self.source}, kb: {KB_FILE}"

    @classmethod
    def write(cls, path: Path, records: Iterable[Self]) -> int:
        """Write the file of the records, and that of the knowledge base next to it."""
        number = 0
        with path.open("w", encoding="utf-8", newline="\n") as file:
            for number, record in enumerate(records, start=1):
                file.write(f"{record.line}\n")
                if number == 1:
                    lines = "".join(f"{entity.line}\n" for entity in record.knowledge.values())
                    path.with_name(KB_FILE).write_text(lines, encoding="utf-8", newline="\n")
        return number


class LinkedTexts(FileSource):
    """Texts with mentions of the entities of a knowledge base, in the format of CCKS 2019.

    Options:
        kb: file of the knowledge base.
    Shapes: linked texts (text, mentions).
    Data: a knowledge base of lines `{"subject_id": ..., "subject": ..., "alias": [...], "type": [...],
        "data": [{"predicate": ..., "object": ...}, ...]}`; texts as lines `{"text": ..., "mention_data":
        [{"kb_id": ..., "mention": ..., "offset": ...}, ...]}`, with offsets in characters, as texts or as
        numbers, and the kb_id NIL for what is not in the knowledge base. Other fields are ignored. UTF-8;
        `.gz` and `.xz` are decompressed.
    Relations: mentions of NIL are not used, neither in training nor in evaluation. The whole knowledge base
        is in memory.
    Reference: the data of CCKS 2019 entity linking is not public; kexue.fm archive 6919.
    Example:
        data:
          root: ccks2019
          source: {type: linked_texts, kb: kb_data, train: train.json, holdout: 10000}
    """

    record: ClassVar[str] = LinkedText.kind
    file_options: ClassVar[tuple[str, ...]] = ("train", "valid", "test", "kb")
    line_columns: ClassVar[tuple[str, ...]] = ("text", "mention_data")

    type: Literal["linked_texts"] = "linked_texts"
    kb: CorpusPath

    _knowledge: dict[str, Entity] | None = PrivateAttr(None)
    _bad: list[BadRow] = PrivateAttr(default_factory=list)

    def read(self, paths: list[Path]) -> Iterator[LinkedText | BadRow]:
        if self._knowledge is None:
            self._knowledge = self._read_knowledge()
        yield from self._bad
        for where, line in self.lines(paths):
            found = _record(where, line, self._knowledge)
            yield BadRow(where, found) if isinstance(found, str) else found

    def fingerprint(self, split: str) -> str:
        both = f"{super().fingerprint(split)} {fingerprint(self._root / self.kb)}"
        return hashlib.sha256(both.encode()).hexdigest()

    def looks_like(self, split: str) -> str:
        return recognized(self.look(self.paths(split)[0]), NAMED_JSON)

    def warnings(self, split: str | None = None) -> list[str]:
        return []  # lines of JSON have no columns

    def _read_knowledge(self) -> dict[str, Entity]:
        """The entities; bad lines are kept to be reported with every split."""
        knowledge: dict[str, Entity] = {}
        for where, line in self.lines([self._root / self.kb]):
            entity = read_entity(line)
            if isinstance(entity, str):
                self._bad.append(BadRow(where, entity))
            elif entity.kb_id in knowledge:
                self._bad.append(BadRow(where, f"the subject_id {shown(entity.kb_id)} occurs a second time"))
            else:
                knowledge[entity.kb_id] = entity
        return knowledge


def _record(where: str, line: str, knowledge: Knowledge) -> LinkedText | str:
    fields = read_object(line)
    if isinstance(fields, str):
        expected = '; expected {"text": ..., "mention_data": [...]}' if fields == NO_OBJECT else ""
        return fields + expected
    text, mentions = fields.get("text"), fields.get("mention_data")
    if not isinstance(text, str):
        return f"the field text is {'missing' if text is None else shown(text)}; expected a text"
    if not text.strip():
        return "the text is empty"
    if has_half_characters(text):
        return "an escape names half a character, as \\ud800 does; expected whole characters"
    if not isinstance(mentions, list):
        what = "missing" if mentions is None else shown(mentions)
        return f"the field mention_data is {what}; expected a list of mentions, empty if there are none"
    found = []
    for number, mention in enumerate(mentions, start=1):
        made = _mention(mention, text, knowledge) if isinstance(mention, dict) else "it is no JSON object"
        if isinstance(made, str):
            return f"mention {number}: {made}"
        found.append(made)
    return LinkedText(where, text, tuple(sorted(found, key=lambda mention: mention[1:])), knowledge)


def _mention(fields: Fields, text: str, knowledge: Knowledge) -> Mention | str:
    """A mention of a text, or the reason why it is wrong."""
    surface, kb_id, place = fields.get("mention"), plain_text(fields.get("kb_id")), fields.get("offset")
    if not isinstance(surface, str) or not surface:
        return f"the field mention is {'missing' if surface is None else shown(surface)}; expected a text"
    if kb_id is None:
        return "the field kb_id is missing; expected the subject_id of an entity, or NIL"
    digits = plain_text(place) if not isinstance(place, bool) else None
    if digits is None or not (digits.isascii() and digits.isdigit()) or len(digits) > 9:
        return f"the offset is {'missing' if place is None else shown(place)}; expected a number from 0"
    offset = int(digits)
    if text[offset : offset + len(surface)] != surface:
        return (
            f"the text has {shown(text[offset : offset + len(surface)])} at the offset {offset}, not "
            f"{shown(surface)}; expected the offset in characters"
        )
    if kb_id != NIL and kb_id not in knowledge:
        return f"the knowledge base has no entity {shown(kb_id)}; expected one of its subject_id, or NIL"
    return Mention(surface, offset, kb_id)
