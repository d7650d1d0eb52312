"""Pairs of texts: one TSV file, or two parallel files."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, zip_longest
from pathlib import Path
from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from nlpx.components.sources.base import CorpusPath
from nlpx.components.sources.tables import TableFiles
from nlpx.data.files import is_blank, printable, read_lines
from nlpx.data.formats.character_sets import Encoding
from nlpx.data.records import BadRow, Pair
from nlpx.errors import DataError

Files = CorpusPath | Annotated[list[CorpusPath], Field(min_length=2, max_length=2)]
SPACED = 5
"""Minimum length of a text to detect blanks between all its characters."""


class Pairs(TableFiles):
    """Pairs of texts: one file with columns per split, or two parallel files with one text per line.

    Options:
        train: TSV, CSV or JSON lines, or a list of two parallel files.
        blanks: remove blanks between characters, for corpora that separate characters by blanks.
    Shapes: pairs (first, second).
    Data: lines `first<TAB>second`, or the columns or fields first and second (`columns`); CRLF and a byte
        order mark are accepted. UTF-8 or `encoding`; `.gz`, `.xz`, `.zst` and `.zip` are decompressed.
    Relations: for the task couplet.
    Reference: the couplet corpus of wb14123 consists of in.txt and out.txt.
    Example:
        data:
          root: corpora
          source: {type: pairs, train: [couplet/train/in.txt, couplet/train/out.txt], holdout: 4000}
    """

    record: ClassVar[str] = Pair.kind
    line_columns: ClassVar[tuple[str, ...]] = ("first", "second")

    type: Literal["pairs"] = "pairs"
    train: Files  # type: ignore[assignment]  # of other sources it is one file
    valid: Files | None = None  # type: ignore[assignment]
    test: Files | None = None  # type: ignore[assignment]
    blanks: bool = False

    def read(self, paths: list[Path]) -> Iterator[Pair | BadRow]:
        for where, parts in self._rows(paths):
            if isinstance(parts, str):
                yield BadRow(where, parts)
                continue
            if len(parts) != 2:
                yield BadRow(where, f"{len(parts) - 1} tabs; expected one, between the two texts")
                continue
            if self.blanks:
                first, second = "".join(parts[0].split()), "".join(parts[1].split())
            else:
                first, second = parts[0].strip(), parts[1].strip()
            if not first or not second:
                yield BadRow(where, f"the {'second' if first else 'first'} text is empty")
            elif len(first) >= SPACED and first[1::2].isspace():
                yield BadRow(
                    where, "blanks between all characters; set data.source.blanks: true to drop them"
                )
            else:
                yield Pair(where, first, second)

    @model_validator(mode="after")
    def _no_columns_in_parallel(self) -> Self:
        if self.columns and any(isinstance(files, list) for files in (self.train, self.valid, self.test)):
            raise PydanticCustomError("parallel_columns", "parallel files have no columns: remove `columns`")
        return self

    def _rows(self, paths: list[Path]) -> Iterator[tuple[str, list[str] | str]]:
        """The position of each row, and its columns or why it is bad; lines blank in both are skipped."""
        if len(paths) == 1:
            yield from self.cells(paths)
            return
        first, second = paths
        name, on_blank = printable(first), self.blank_counter(first)
        for number, texts in _parallel(first, second, self.encoding):
            if all(map(is_blank, texts)):
                on_blank()
            else:
                yield f"{name}:{number}", texts


def _parallel(first: Path, second: Path, encoding: Encoding) -> Iterator[tuple[int, list[str]]]:
    """Parallel lines; raises DataError if one file has more lines, except for blank lines at its end."""
    lines = zip_longest(read_lines(first, encoding), read_lines(second, encoding))
    for number, (left, right) in enumerate(lines, start=1):
        if left is not None and right is not None:
            yield number, [left, right]
            continue
        shorter, longer = (first, second) if left is None else (second, first)
        last = 0
        for at, pair in enumerate(chain([(left, right)], lines), start=number):
            if not all(map(is_blank, filter(None, pair))):
                last = at
        if last:
            raise DataError(
                f"{longer}: {last} lines, but {shorter} has {number - 1}. Parallel files have "
                "equally many lines; line i of one belongs to line i of the other."
            )
