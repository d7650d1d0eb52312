"""Pairs of texts: one TSV file, or two parallel files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import zip_longest
from pathlib import Path

from nlpx.data.files import read_lines
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
        for where, parts in _parallel(*paths) if len(paths) == 2 else _tabbed(paths[0]):
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


def _tabbed(path: Path) -> Iterator[tuple[str, list[str]]]:
    for number, line in enumerate(read_lines(path), start=1):
        yield f"{path}:{number}", line.split("\t")


def _parallel(first: Path, second: Path) -> Iterator[tuple[str, list[str]]]:
    lines = zip_longest(read_lines(first), read_lines(second))
    for number, (left, right) in enumerate(lines, start=1):
        if left is None or right is None:
            shorter, longer = (first, second) if left is None else (second, first)
            more = 1 + sum(1 for _ in lines)
            raise DataError(
                f"{longer}: {number - 1 + more} lines, but {shorter} has {number - 1}. Parallel files have "
                "equally many lines; line i of one belongs to line i of the other."
            )
        yield f"{first}:{number}", [left, right]


def _list(files: Files) -> list[str]:
    return [] if files is None else [files] if isinstance(files, str) else list(files)
