"""Pairs of texts: one TSV file, or two parallel files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain, zip_longest
from pathlib import Path
from typing import ClassVar

from nlpx.data.files import is_blank, printable, read_lines
from nlpx.data.rows import BadRow, Pair
from nlpx.data.sources.base import FileSource
from nlpx.errors import DataError

Files = str | Sequence[str] | None
SPACED = 5
"""From this length on, a text whose every other character is a blank has blanks between its characters."""


class PairsSource(FileSource):
    """`first<TAB>second` a line, or the same line of two files. Blanks around a text are dropped.

    Args:
        train, valid, test: a TSV file or two parallel files; None where there is no such split.
        blanks: drop blanks between characters; without it, rows that have them everywhere are bad.
        holdout: rows taken out of train as valid, where valid has no file.
        root: folder that files are relative to.
        task: unused; every source is told.
    """

    columns: ClassVar[tuple[str, ...]] = ("first", "second")

    def __init__(
        self,
        train: Files,
        valid: Files = None,
        test: Files = None,
        blanks: bool = False,
        holdout: int = 0,
        *,
        root: Path,
        task: str = "",
    ) -> None:
        files = {"train": _list(train), "valid": _list(valid), "test": _list(test)}
        super().__init__(files, root, holdout)
        self._blanks = blanks

    def settings(self) -> str:
        return f"{super().settings()} blanks={self._blanks}"

    def read(self, paths: list[Path]) -> Iterator[Pair | BadRow]:
        for where, parts in self._columns(paths):
            if len(parts) != 2:
                yield BadRow(where, f"{len(parts) - 1} tabs; expected one, between the two texts")
                continue
            if self._blanks:
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
        """Where each row stands, and its columns; a line that is blank in both parallel files is none."""
        if len(paths) == 1:
            yield from ((where, line.split("\t")) for where, line in self.lines(paths[0]))
            return
        name, on_blank = printable(paths[0]), self.blank_counter(paths[0])
        for number, texts in _parallel(*paths):
            if all(map(is_blank, texts)):
                on_blank()
            else:
                yield f"{name}:{number}", texts


def _parallel(first: Path, second: Path) -> Iterator[tuple[int, list[str]]]:
    """Lines of the same number; raises DataError where one file has more, but for blank lines at its end."""
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


def _list(files: Files) -> list[str]:
    return [] if files is None else [files] if isinstance(files, str) else list(files)
