"""Texts with a class."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Literal

from nlpx.components.sources.base import FileSource
from nlpx.data.files import fingerprint, printable, read_lines
from nlpx.data.formats.look import recognized
from nlpx.data.formats.texts import NAMED_JSON, NO_JSON
from nlpx.data.json_lines import has_half_characters, plain_text, read_object, shown
from nlpx.data.records import BadRow, Record
from nlpx.errors import DataError

LABEL, TEXT = "label", "text"


@dataclass(frozen=True, slots=True)
class LabelledText(Record):
    """A text and its class.

    Attributes:
        label: the class.
        text: the text.
    """

    kind: ClassVar[str] = "labelled_text"
    parts: ClassVar[tuple[str, ...]] = ("label", "text")
    read: ClassVar[tuple[str, ...]] = ("text",)
    source: ClassVar[str] = "labelled_texts"

    label: str
    text: str


class LabelledTexts(FileSource):
    """Texts with a class: TSV, JSON lines, or a folder of text files for each class.

    Options:
        train: file or folder of the training split.
    Shapes: labelled texts (label, text).
    Data: lines `label<TAB>text`; in files named `.jsonl` or `.json`, lines `{"label": ..., "text": ...}`,
        possibly with other fields; in a folder, one subfolder for each class, named after it, with one text
        in every `.txt` file. UTF-8; `.gz` and `.xz` are decompressed. White space becomes one blank.
    Relations: none.
    Reference: ChnSentiCorp is usually in TSV, the IMDB reviews in folders.
    Example:
        data:
          root: corpora
          source: {type: labelled_texts, train: hotel/train.tsv.gz, holdout: 500}
    """

    record: ClassVar[str] = LabelledText.kind
    reads_folders: ClassVar[bool] = True
    columns: ClassVar[tuple[str, ...]] = (LABEL, TEXT)

    type: Literal["labelled_texts"] = "labelled_texts"

    def read(self, paths: list[Path]) -> Iterator[LabelledText | BadRow]:
        for path in paths:
            if path.is_dir():
                for file in _text_files(path):
                    yield _of_file(file, path)
                continue
            parse = _of_object if _is_json(path) else _of_columns
            for where, line in self.lines([path]):
                found = parse(line)
                yield BadRow(where, found) if isinstance(found, str) else _record(where, *found)

    def fingerprint(self, split: str) -> str:
        digest = hashlib.sha256()
        for path in self.paths(split):
            if not path.is_dir():
                return super().fingerprint(split)
            for file in _text_files(path):
                digest.update(
                    f"{file.relative_to(path)}\t{_content_hash(file)}\n".encode("utf-8", "surrogateescape")
                )
        return digest.hexdigest()

    def looks_like(self, split: str) -> str:
        (path,) = self.paths(split)
        return recognized(path, self.columns, NAMED_JSON if _is_json(path) else NO_JSON)


def _is_json(path: Path) -> bool:
    return any(suffix in (".json", ".jsonl") for suffix in path.suffixes)


def _text_files(folder: Path) -> Iterable[Path]:
    return sorted(path for path in folder.rglob("*.txt") if not path.name.startswith("."))


def _content_hash(file: Path) -> str:
    try:
        return fingerprint(file)
    except DataError as error:  # a bad row
        return str(error)


def _of_columns(line: str) -> tuple[object, object] | str:
    label, tab, text = line.partition("\t")
    return (label, text) if tab else "no tab; expected one, between the label and the text"


def _of_object(line: str) -> tuple[object, object] | str:
    fields = read_object(line)
    return fields if isinstance(fields, str) else (fields.get(LABEL), fields.get(TEXT))


def _of_file(file: Path, folder: Path) -> LabelledText | BadRow:
    parts = file.relative_to(folder).parts
    if len(parts) != 2:
        return BadRow(printable(file), "it is not in the folder of a class; expected CLASS/NAME.txt")
    try:
        text = " ".join(read_lines(file))
    except DataError as error:
        return BadRow(printable(file), str(error).removeprefix(f"{printable(file)}: "))
    return _record(printable(file), parts[0], text)


def _record(where: str, label: object, text: object) -> LabelledText | BadRow:
    """The record, or what is wrong with it; a label may be a number."""
    if not isinstance(text, str):
        return BadRow(
            where, f"the field text is {'missing' if text is None else shown(text)}; expected a text"
        )
    name = plain_text(label) if not isinstance(label, bool) else str(label).lower()
    if name is None:
        return BadRow(
            where, f"the field label is {'missing' if label is None else shown(label)}; expected a class"
        )
    name, text = " ".join(name.split()), " ".join(text.split())
    if not name or not text:
        return BadRow(where, f"the {'text' if name else 'label'} is empty")
    if has_half_characters(name + text):
        return BadRow(where, "an escape names half a character, as \\ud800 does; expected whole characters")
    return LabelledText(where, name, text)
