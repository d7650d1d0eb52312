"""Pairs of texts: one TSV file, or two parallel files."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, zip_longest
from pathlib import Path
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from nlpx.components.sources.base import CorpusPath, FileSource
from nlpx.data.files import is_blank, printable, read_lines
from nlpx.data.records import BadRow, Pair
from nlpx.errors import DataError

Files = CorpusPath | Annotated[list[CorpusPath], Field(min_length=2, max_length=2)]
SPACED = 5
"""Minimum length of a text to detect blanks between all its characters."""


class Pairs(FileSource):
    """Pairs of texts: one TSV file per split, or two parallel files with one text per line.

    Options:
        train: TSV file, or a list of two parallel files.
        blanks: remove blanks between characters, for corpora that separate characters by blanks.
    Shapes: pairs (first, second).
    Data: UTF-8, also `.gz` and `.xz`; lines `first<TAB>second`; CRLF and a byte order mark are accepted.
    Relations: for the task couplet.
    Reference: the couplet corpus of wb14123 consists of in.txt and out.txt.
    Example:
        data:
          root: corpora
          source: {type: pairs, train: [couplet/train/in.txt, couplet/train/out.txt], holdout: 4000}
    """

    record: ClassVar[str] = Pair.kind
    columns: ClassVar[tuple[str, ...]] = ("first", "second")

    type: Literal["pairs"] = "pairs"
    train: Files  # type: ignore[assignment]  # of other sources it is one file
    valid: Files | None = None  # type: ignore[assignment]
    test: Files | None = None  # type: ignore[assignment]
    blanks: bool = False

    def read(self, paths: list[Path]) -> Iterator[Pair | BadRow]:
        for where, parts in self._columns(paths):
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

    def _columns(self, paths: list[Path]) -> Iterator[tuple[str, list[str]]]:
        """The position of each row and its columns; lines that are blank in both files are skipped."""
        if len(paths) == 1:
            yield from ((where, line.split("\t")) for where, line in self.lines(paths))
            return
        name, on_blank = printable(paths[0]), self.blank_counter(paths[0])
        for number, texts in _parallel(*paths):
            if all(map(is_blank, texts)):
                on_blank()
            else:
                yield f"{name}:{number}", texts


def _parallel(first: Path, second: Path) -> Iterator[tuple[int, list[str]]]:
    """Parallel lines; raises DataError if one file has more lines, except for blank lines at its end."""
    lines = zip_longest(read_lines(first), read_lines(second))
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
