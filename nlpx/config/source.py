"""Where a value was written: a file or a `--set`, and a place in it."""

from __future__ import annotations

import os
import re
import unicodedata
from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from nlpx.core.files import current_folder

EXCERPT_COLUMNS = 100
"""Longest piece of a source line that a report shows."""

_LINE_BREAK = re.compile(r"\r\n|\r|\n")


@dataclass(frozen=True)
class Source:
    """A text that configures something.

    Attributes:
        name: how reports call it: a path, or `--set KEY=VALUE`.
        text: all of it; positions are indexes into it.
        folder: what relative paths written in it are relative to.
        is_file: whether positions in it have a line and a column.
    """

    name: str
    text: str
    folder: Path
    is_file: bool = True

    @cached_property
    def line_starts(self) -> list[int]:
        """Index at which each line begins; CRLF, CR and LF end a line."""
        return [0, *(found.end() for found in _LINE_BREAK.finditer(self.text))]


@dataclass(frozen=True)
class Mark:
    """A place in a source: an index in code points."""

    source: Source
    index: int

    @property
    def line(self) -> int:
        """From 1."""
        return bisect_right(self.source.line_starts, self.index)

    @property
    def column(self) -> int:
        """From 1, in characters."""
        return self.index - self._start + 1

    @property
    def order(self) -> tuple[bool, str, int]:
        """Sorts places: files first, each from top to bottom."""
        return not self.source.is_file, self.source.name, self.index

    def __str__(self) -> str:
        if not self.source.is_file or not self.source.text:
            return self.source.name
        return f"{self.source.name}:{self.line}:{self.column}"

    def excerpt(self) -> list[str]:
        """The source line, cut to a readable length, and a caret under the place; nothing without text."""
        if not self.source.text:
            return []
        end = [*self.source.line_starts[self.line : self.line + 1], None][0]
        line = self.source.text[self._start : end].rstrip("\r\n")
        at = min(self.index - self._start, len(line))
        skipped = max(0, at - EXCERPT_COLUMNS // 2) if len(line) > EXCERPT_COLUMNS else 0
        before = ("…" if skipped else "") + line[skipped:at]
        after = line[at : skipped + EXCERPT_COLUMNS] + ("…" if len(line) > skipped + EXCERPT_COLUMNS else "")
        before, after = _printable(before), _printable(after)
        return [f"    {before}{after}".rstrip(), f"    {' ' * display_width(before)}^"]

    @property
    def _start(self) -> int:
        """Index at which the line begins; a break at the place itself belongs to the line it ends."""
        return self.source.line_starts[self.line - 1]


def absolute(folder: Path, written: str) -> Path:
    """A path as written, from `folder` unless it is absolute or begins with `~/`; links are not followed."""
    path = Path.home() / written[2:] if written.startswith("~/") else Path(written)
    path = folder / path
    return Path(os.path.normpath(path if path.is_absolute() else current_folder() / path))


def display_width(text: str) -> int:
    """Columns of a terminal that a text takes; wide East Asian characters take two, combining marks none."""
    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1
        for char in text
    )


def _printable(text: str) -> str:
    return "".join(char if char.isprintable() else "    " if char == "\t" else "·" for char in text)
