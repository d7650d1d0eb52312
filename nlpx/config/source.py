"""Sources of config text, files or `--set`, and positions in them."""

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
"""Maximum length of a source line in a report."""

_LINE_BREAK = re.compile(r"\r\n|\r|\n")


@dataclass(frozen=True)
class Source:
    """A text with configuration.

    Attributes:
        name: name in reports: a path, or `--set KEY=VALUE`.
        text: the text; positions are indexes into it.
        folder: folder for relative paths in it.
        is_file: whether positions have a line and a column.
    """

    name: str
    text: str
    folder: Path
    is_file: bool = True

    @cached_property
    def line_starts(self) -> list[int]:
        """Index of the start of each line; CRLF, CR and LF end a line."""
        return [0, *(found.end() for found in _LINE_BREAK.finditer(self.text))]


@dataclass(frozen=True)
class Mark:
    """A position in a source, as an index in code points."""

    source: Source
    index: int

    @property
    def line(self) -> int:
        """Line number, starting from 1."""
        return bisect_right(self.source.line_starts, self.index)

    @property
    def column(self) -> int:
        """Column in characters, starting from 1."""
        return self.index - self._start + 1

    @property
    def order(self) -> tuple[bool, str, int]:
        """Sort key of positions: files first, each from top to bottom."""
        return not self.source.is_file, self.source.name, self.index

    def __str__(self) -> str:
        if not self.source.is_file or not self.source.text:
            return self.source.name
        return f"{self.source.name}:{self.line}:{self.column}"

    def excerpt(self) -> list[str]:
        """The source line, truncated to a readable length, and a caret below the position."""
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
        """Index of the start of the line; a line break belongs to the line it ends."""
        return self.source.line_starts[self.line - 1]


def absolute(folder: Path, written: str) -> Path:
    """The absolute path, relative to `folder` unless it is absolute or begins with `~/`; keeps links."""
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
