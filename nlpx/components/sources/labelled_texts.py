"""Texts with a class."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Literal

from nlpx.components.sources.tables import TableFiles
from nlpx.core.paths import is_folder
from nlpx.data.files import fingerprint, printable, read_lines
from nlpx.data.formats.character_sets import Encoding
from nlpx.data.json_lines import Fields, has_half_characters, plain_text, shown
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


class LabelledTexts(TableFiles):
    """Texts with a class: TSV, CSV, JSON lines, or a folder of text files for each class.

    Options:
        train: file or folder of the training split.
    Shapes: labelled texts (label, text).
    Data: lines `label<TAB>text`, or the columns or fields label and text (`columns`); in files named `.jsonl`
        or `.json`, lines `{"label": ..., "text": ...}`, possibly with other fields; in a folder, a subfolder
        for each class, named after it, with one text in every `.txt` file. UTF-8 or `encoding`; `.gz`, `.xz`,
        `.zst` and `.zip` are decompressed. White space becomes one blank.
    Relations: none.
    Reference: ChnSentiCorp is usually in TSV, the IMDB reviews in folders.
    Example:
        data:
          root: corpora
          source: {type: labelled_texts, train: hotel/train.tsv.gz, holdout: 500}
    """

    record: ClassVar[str] = LabelledText.kind
    reads_folders: ClassVar[bool] = True
    line_columns: ClassVar[tuple[str, ...]] = (LABEL, TEXT)

    type: Literal["labelled_texts"] = "labelled_texts"

    def read(self, paths: list[Path]) -> Iterator[LabelledText | BadRow]:
        for path in paths:
            if is_folder(path):
                for file in _text_files(path):
                    yield _of_file(file, path, self.encoding)
                continue
            layout = self.layout(path)
            if layout.format != "tsv" or layout.columns:
                for where, fields in self.table(path):
                    yield BadRow(where, fields) if isinstance(fields, str) else _of_fields(where, fields)
                continue
            for where, line in self.lines([path]):
                label, tab, text = line.partition(layout.separator)
                missing = BadRow(where, "no tab; expected one, between the label and the text")
                yield _record(where, label, text) if tab else missing

    def fingerprint(self, split: str) -> str:
        digest = hashlib.sha256()
        for path in self.paths(split):
            if not is_folder(path):
                return super().fingerprint(split)
            for file in _text_files(path):
                digest.update(
                    f"{file.relative_to(path)}\t{_content_hash(file)}\n".encode("utf-8", "surrogateescape")
                )
        return digest.hexdigest()


def _text_files(folder: Path) -> Iterable[Path]:
    return sorted(path for path in folder.rglob("*.txt") if not path.name.startswith("."))


def _content_hash(file: Path) -> str:
    try:
        return fingerprint(file)
    except DataError as error:  # a bad row
        return str(error)


def _of_fields(where: str, fields: Fields) -> LabelledText | BadRow:
    return _record(where, fields.get(LABEL), fields.get(TEXT))


def _of_file(file: Path, folder: Path, encoding: Encoding) -> LabelledText | BadRow:
    parts = file.relative_to(folder).parts
    if len(parts) != 2:
        return BadRow(printable(file), "it is not in the folder of a class; expected CLASS/NAME.txt")
    try:
        text = " ".join(read_lines(file, encoding))
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
