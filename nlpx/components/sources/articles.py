"""Articles with headlines."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import ClassVar, Literal

from nlpx.components.sources.tables import TableFiles
from nlpx.core.paths import is_file, is_folder
from nlpx.core.suggest import one_of
from nlpx.data.files import LONGEST_LINE, fingerprint, printable, read_lines
from nlpx.data.formats.character_sets import Encoding
from nlpx.data.json_lines import Fields, has_half_characters, plain_text, shown
from nlpx.data.records import Article, BadRow
from nlpx.errors import DataError

TITLE, CONTENT, CATEGORY = "title", "content", "category"
SHOWN_VALUES = 10
"""Maximum number of values of a field listed in a message."""


class Articles(TableFiles):
    """Articles with headlines: JSON lines, TSV, CSV, or folders of text files.

    Options:
        train: file or folder.
        where: keep only articles whose fields have these values, or one of several; it is an error if a file
            contains none.
        group: field whose values define subsets for metrics; rows without it belong to no subset.
    Shapes: articles (title, content).
    Data: `.jsonl` or `.json` files with lines `{"title": ..., "content": ...}` and any further fields; a
        folder with `.txt` files, title in the first line, and the field `category`, which is the name of
        the subfolder; otherwise lines `title<TAB>content`, or columns named in a header (`columns`), all of
        which are fields. UTF-8 or `encoding`; `.gz`, `.xz`, `.zst` and `.zip` are decompressed. Blanks and
        line breaks in a text are collapsed to one blank.
    Relations: for the task title.
    Reference: the folders have the format of THUCNews, http://thuctc.thunlp.org.
    Example:
        data:
          root: corpora
          source: {type: articles, train: news.jsonl.gz, where: {kind: brief}, holdout: 500}
    """

    record: ClassVar[str] = Article.kind
    reads_folders: ClassVar[bool] = True
    line_columns: ClassVar[tuple[str, ...]] = (TITLE, CONTENT)

    type: Literal["articles"] = "articles"
    where: dict[str, str | list[str]] = {}
    group: str = "kind"

    def fingerprint(self, split: str) -> str:
        (path,) = self.paths(split)
        if not is_folder(path):
            return super().fingerprint(split)
        digest = hashlib.sha256()
        for file in _text_files(path):
            try:
                content = fingerprint(file)
            except DataError as error:  # a bad row
                content = str(error)
            digest.update(f"{file.relative_to(path)}\t{content}\n".encode("utf-8", "surrogateescape"))
        return digest.hexdigest()

    def read(self, paths: list[Path]) -> Iterator[Article | BadRow]:
        wanted = {
            name: {value} if isinstance(value, str) else set(value) for name, value in self.where.items()
        }
        for path in paths:
            chosen, passed = False, _PassedOver(wanted)
            for where, fields in self._fields_of(path):
                if isinstance(fields, str):
                    yield BadRow(where, fields)
                elif all(plain_text(fields.get(name)) in values for name, values in wanted.items()):
                    chosen = True
                    yield self._article(where, fields)
                else:
                    passed.add(fields)
            if passed and not chosen:
                raise passed.error(path)

    def _article(self, where: str, fields: Fields) -> Article | BadRow:
        texts = []
        for name in (TITLE, CONTENT):
            value = fields.get(name)
            if not isinstance(value, str):
                kind = "missing" if value is None else f"no text but {shown(value)}"
                return BadRow(where, f"the field {name} is {kind}; expected a text")
            text = " ".join(value.split())
            if not text:
                return BadRow(where, f"the {'title' if name == TITLE else 'article'} is empty")
            texts.append(text)
        group = plain_text(fields.get(self.group) or "") or ""
        if any(map(has_half_characters, (*texts, group))):
            return BadRow(
                where, "an escape names half a character, as \\ud800 does; expected whole characters"
            )
        return Article(where, *texts, group=group)

    def _fields_of(self, path: Path) -> Iterator[tuple[str, Fields | str]]:
        """The position of each row, and its fields or the reason why it is bad."""
        if is_folder(path):
            files = _text_files(path)
            yield from ((printable(file), _file_fields(file, path, self.encoding)) for file in files)
            return
        layout = self.layout(path)
        if layout.format != "tsv" or layout.columns:
            yield from self.table(path)
            return
        for where, line in self.lines([path]):
            yield where, _tabbed_fields(line, layout.separator)


class _PassedOver:
    """The values of articles that a filter skips, for its error message."""

    def __init__(self, where: Mapping[str, set[str]]) -> None:
        self._where = where
        self._names: dict[str, None] = {}
        self._values: dict[str, dict[str, None]] = {name: {} for name in where}

    def __bool__(self) -> bool:
        return bool(self._names)

    def add(self, fields: Fields) -> None:
        self._names.update(dict.fromkeys(fields))
        for name, values in self._values.items():
            if name in fields and len(values) <= SHOWN_VALUES:
                values[shown(fields[name]) if plain_text(fields[name]) is None else str(fields[name])] = None

    def error(self, path: Path) -> DataError:
        """The error for a file in which no article matches the filter."""
        absent = [name for name in self._where if name not in self._names]
        if absent:
            found = f"no article has the field {absent[0]}; expected {one_of(self._names)}"
        else:
            # With several fields, articles may have each value, but not all of them together.
            there = (f"{name} is {one_of(values, SHOWN_VALUES)}" for name, values in self._values.items())
            found = f"no article has what it asks for; of those it passes over, {', '.join(there)}"
        return DataError(f"{path}: data.source.where leaves nothing: {found}. Fix the filter, or remove it.")


def _tabbed_fields(line: str, separator: str) -> Fields | str:
    title, tab, content = line.partition(separator)
    return {TITLE: title, CONTENT: content} if tab else "no tab; expected title<TAB>content"


def _file_fields(path: Path, folder: Path, encoding: Encoding) -> Fields | str:
    if has_half_characters(str(path.relative_to(folder))):
        return "the name of this file, or of its folder, is not UTF-8; rename it"
    if is_file(path) and not path.stat().st_size:
        return "the file is empty; expected the title in the first line, then the article"
    lines, size = [], 0
    try:
        for line in read_lines(path, encoding):
            lines.append(line)
            size += len(line)
            if size > LONGEST_LINE:
                return f"the article is longer than {LONGEST_LINE >> 20} Mi characters; cut it"
    except DataError as error:
        return re.sub(r"^(\d+)(?=: )", r"line \1", str(error).removeprefix(f"{path}:").strip())
    return {TITLE: lines[0], CONTENT: "\n".join(lines[1:]), CATEGORY: path.parent.name}


def _text_files(folder: Path) -> list[Path]:
    files = sorted(folder.rglob("*.txt"))
    if not files:
        raise DataError(f"{folder}: this folder contains no .txt files. Expected one article per file.")
    return files
