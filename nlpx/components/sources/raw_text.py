"""Running text, segmented while it is read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar, Literal

from nlpx.components.sources.line_tables import LinesOrTables
from nlpx.data.records import BadRow, Record
from nlpx.text.jieba_words import jieba_words

Segmentation = Literal["jieba", "characters", "bigrams", "blanks"]


@dataclass(frozen=True, slots=True)
class RawText(Record):
    """A text that is segmented when its words are needed.

    Attributes:
        text: the text.
        segmentation: how it is segmented.
    """

    kind: ClassVar[str] = "raw_text"
    parts: ClassVar[tuple[str, ...]] = ("text",)
    read: ClassVar[tuple[str, ...]] = parts
    source: ClassVar[str] = "raw_text"
    suffix: ClassVar[str] = ".txt"

    text: str
    segmentation: Segmentation = field(default="jieba", kw_only=True)

    @property
    def words(self) -> tuple[str, ...]:
        """The words, without white space."""
        return segmented(self.text, self.segmentation)

    def reader(self) -> str:
        return f"{self.source}, segment: {self.segmentation}"


def segmented(text: str, segmentation: Segmentation) -> tuple[str, ...]:
    """The words of a text, without white space."""
    if segmentation == "blanks":
        return tuple(text.split())
    if segmentation == "bigrams":
        return tuple(part[i : i + 2] for part in text.split() for i in range(len(part) - 1))
    units = text if segmentation == "characters" else jieba_words(text)
    return tuple(unit for unit in units if not unit.isspace())


class RawTexts(LinesOrTables):
    """Running text, one text per line, which is segmented while it is read.

    Options:
        segment: jieba finds words with jieba's dictionary and its HMM; blanks splits at white space;
            characters takes every character, bigrams every pair of neighbours.
        category: whether lines begin with a category and a tab, or tables have such a column; it becomes the
            subset of the text.
    Shapes: texts (words).
    Data: lines `text`, or `category<TAB>text`; or the columns or fields text, and category if it is true
        (`columns`), of CSV, JSON lines, and TSV with `columns`. UTF-8 or `encoding`; `.gz`, `.xz`, `.zst` and
        `.zip` are decompressed.
    Relations: for the task vectors, which also reads segmented_text. jieba reads about 0.5 million characters
        per second, once for every pass before the encoded text is in the cache. To use the words of a
        trained segmentation run, write its predictions into a file, and read that with segment: blanks.
    Reference: jieba, https://github.com/fxsjy/jieba.
    Example:
        data:
          root: corpora
          source: {type: raw_text, train: news.tsv.gz, category: true, holdout: 100}
    """

    record: ClassVar[str] = RawText.kind
    table_columns: ClassVar[tuple[str, ...]] = ("text", "category")

    type: Literal["raw_text"] = "raw_text"
    segment: Segmentation = "jieba"
    category: bool = False

    @property
    def parts(self) -> tuple[str, ...]:
        return self.table_columns if self.category else self.table_columns[:1]

    def read(self, paths: list[Path]) -> Iterator[RawText | BadRow]:
        for path in paths:
            for where, row in self.texts(path) if self.is_table(path) else self._rows(path):
                if isinstance(row, str):
                    yield BadRow(where, row)
                    continue
                text, category = row if self.category else (row[0], "")
                if not category and self.category:
                    yield BadRow(where, "the category is empty")
                elif not text:
                    yield BadRow(where, "the text is empty")
                else:
                    yield RawText(where, text, segmentation=self.segment, group=category)

    def _rows(self, path: Path) -> Iterator[tuple[str, list[str] | str]]:
        """The position of each line, and its text and category, or why it is bad."""
        for where, line in self.lines([path]):
            category, tab, text = line.partition("\t") if self.category else ("", "\t", line)
            if tab:
                yield where, [text.strip(), category.strip()][: len(self.parts)]
            else:
                yield where, "no tab; expected `category<TAB>text`, or set category: false"
