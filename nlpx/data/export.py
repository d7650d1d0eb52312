"""Rows written out as files that sources read: to look at, to edit, to begin a corpus of one's own with."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from nlpx.data.pictures import need_pillow, write_picture
from nlpx.data.rows import Article, Pair, Picture, Question, Row, ScoredPair, Sentence, Verse
from nlpx.errors import DataError
from nlpx.text.verse import written_out

QUATRAIN = 20
"""Fewest characters of a verse of four lines."""


@dataclass(frozen=True)
class Export:
    """A split that was written.

    Attributes:
        name: of its file or folder.
        rows: how many were written.
        source: type of the source that reads it, with the options that it needs for that.
    """

    name: str
    rows: int
    source: str


SOURCES: Mapping[type[Row], tuple[str, str]] = {
    Pair: ("pairs", ".tsv"),
    Sentence: ("segmented_text", ".txt"),
    Verse: ("poems", ".tsv"),
    Question: ("groups", ".tsv"),
    ScoredPair: ("scored_pairs", ".tsv"),
    Picture: ("folders", ""),
    Article: ("articles", ".jsonl"),
}
"""By class of row: the source that reads such rows, and how the names of its files end."""


def expect_writable(rows: Iterable[Row], path: Path) -> None:
    """Raise EnvironmentProblem where rows cannot be written below a path for want of pillow."""
    first = next(iter(rows), None)
    if isinstance(first, Picture) and first.pixels is not None:
        need_pillow(path)


def write_rows(rows: Iterable[Row], folder: Path, split: str) -> Export:
    """Write the rows of a split into a folder that exists, so that reading them gives equal rows.

    The part of a split that a row is also reported with (`generated`, `written`) is kept by articles only.

    Args:
        rows: all of one class.
        folder: where the file, or the folder of a split of pictures, is made.
        split: what it is called.

    Raises:
        DataError: there is no row.
        OSError: it cannot be written.
        EnvironmentProblem: there are drawn pictures, and pillow is not installed.
    """
    rows = iter(rows)
    first = next(rows, None)
    if first is None:
        raise DataError(f"the split {split} has no row that can be used; `nlpx data check` says why.")
    source, suffix = SOURCES[type(first)]
    if isinstance(first, Verse) and len(first.text) >= QUATRAIN:
        source += ", unit: quatrain"
    path = folder / f"{split}{suffix}"
    write = _write_pictures if isinstance(first, Picture) else _write_lines
    return Export(path.name, write(path, chain([first], rows)), source)


def _write_lines(path: Path, rows: Iterable[Row]) -> int:
    count = 0
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for row in rows:
            file.write(f"{_line(row)}\n")
            count += 1
    return count


def _line(row: Row) -> str:
    if isinstance(row, Article):
        fields = {"title": row.title, "content": row.content, **({"kind": row.group} if row.group else {})}
        return json.dumps(fields, ensure_ascii=False)
    if isinstance(row, Verse):  # form, title and author are not known
        return f"\t\t\t{written_out(row.text)}"
    return row.line


def _write_pictures(folder: Path, rows: Iterable[Row]) -> int:
    number = 0
    for number, row in enumerate(rows, start=1):
        if not isinstance(row, Picture):
            raise TypeError(f"{row.where}: a row without a picture among pictures")
        drawn = row.pixels is not None
        if row.label in (".", "..") or "/" in row.label or "\0" in row.label:
            raise DataError(
                f"{row.where}: the class {row.label!r} cannot be the name of a folder. Rename it."
            )
        path = folder / row.label / f"{number:06d}{'.png' if drawn else Path(row.where).suffix}"
        path.parent.mkdir(parents=True, exist_ok=True)
        if row.pixels is not None:
            write_picture(path, row.pixels)
        else:
            shutil.copyfile(row.where, path)
    return number
