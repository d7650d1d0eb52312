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


class PairsSource(FileSource):
    """`first<TAB>second` a line, or the same line of two files.

    Args:
        train, valid, test: a TSV file or two parallel files; None where there is no such split.
        blanks: drop blanks between characters.
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

    def read(self, paths: list[Path]) -> Iterator[Pair | BadRow]:
        lines = self._parallel(*paths) if len(paths) == 2 else self._tabbed(paths[0])
        for where, parts in lines:
            if len(parts) != 2:
                yield BadRow(where, f"{len(parts) - 1} tabs; expected one, between the two texts")
                continue
            first, second = ("".join(part.split()) if self._blanks else part.strip() for part in parts)
            if not first or not second:
                yield BadRow(where, f"the {'second' if first else 'first'} text is empty")
            else:
                yield Pair(where, first, second)

    @staticmethod
    def _tabbed(path: Path) -> Iterator[tuple[str, list[str]]]:
        for number, line in enumerate(read_lines(path), start=1):
            yield f"{path}:{number}", line.split("\t")

    @staticmethod
    def _parallel(first: Path, second: Path) -> Iterator[tuple[str, list[str]]]:
        lines = zip_longest(read_lines(first), read_lines(second))
        for number, (left, right) in enumerate(lines, start=1):
            if left is None or right is None:
                shorter, longer = (first, second) if left is None else (second, first)
                raise DataError(
                    f"{shorter}: {number - 1} lines, but {longer} goes on. Parallel files have equally many lines."
                )
            yield f"{first}:{number}", [left, right]


def _list(files: Files) -> list[str]:
    return [] if files is None else [files] if isinstance(files, str) else list(files)
