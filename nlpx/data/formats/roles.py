"""Which column of a file is which part of a row, by the names and the content of the columns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations
from statistics import mean

from nlpx.data.formats.headings import NUMBER, named_columns
from nlpx.data.formats.look import most

Column = Sequence[str]
BY_NAME, BY_ORDER = "by its name", "by its order"


@dataclass(frozen=True)
class Role:
    """The column of a part of a row.

    Attributes:
        part: the name of the part.
        column: the index of the column.
        why: how it was found.
    """

    part: str
    column: int
    why: str


def roles(parts: Sequence[str], header: Sequence[str], body: Sequence[Sequence[str]]) -> list[Role]:
    """The column of every part; empty if there are too few columns.

    Args:
        parts: names of the parts; those of numbers end in #.
        header: the names of the columns, if there are any.
        body: the first rows without the header.
    """
    plain = [part.removesuffix("#") for part in parts]
    named = named_columns(header, plain)
    if named:
        return [Role(part, at, BY_NAME) for part, at in zip(plain, named, strict=True)]
    columns = list(zip(*body, strict=True))
    found = _by_content(tuple(parts), columns)
    return [Role(part, at, why) for part, (at, why) in zip(plain, found, strict=True)] if found else []


def _by_content(parts: Sequence[str], columns: Sequence[Column]) -> Sequence[tuple[int, str]]:
    """For every part, the index of its column and how it was found; empty if the columns do not fit."""
    texts = [at for at, column in enumerate(columns) if _is_text(column)]
    longest = max(texts, key=lambda at: _length(columns[at]), default=None)
    if longest is None:
        return []
    if len(parts) == 1:
        return [(longest, "the longest text")]
    if parts in NAMING:
        fits, why = NAMING[parts]
        others = (at for at, column in enumerate(columns) if at != longest and fits(column))
        other = next(others, None)
        return [] if other is None else [(other, why), (longest, "the longest text")]
    if parts[-1] == "score#":
        scores = [at for at, column in enumerate(columns) if _is_number(column)]
        both = _two(texts, columns)
        return [*both, (scores[0], "the only number that repeats")] if both and len(scores) == 1 else []
    return _two(texts, columns)


def _two(texts: Sequence[int], columns: Sequence[Column]) -> Sequence[tuple[int, str]]:
    """Two columns of text, those of a couplet if there are any."""
    for both in combinations(texts, 2):
        rows = list(zip(*(columns[at] for at in both), strict=True))
        if most(len(first) == len(second) for first, second in rows) and len(set(rows)) > len(rows) / 2:
            return [(at, "texts of equal length") for at in both]
    return [(at, BY_ORDER) for at in texts[:2]] if len(texts) > 1 else []


def _length(column: Column) -> float:
    return mean(map(len, column))


def _is_number(column: Column) -> bool:
    return all(NUMBER.fullmatch(cell.strip()) for cell in column) and len(set(column)) < len(column)


def _is_text(column: Column) -> bool:
    return not all(NUMBER.fullmatch(cell.strip()) for cell in column)


def _repeats(column: Column) -> bool:
    return len(set(column)) <= len(column) * 2 / 3


NAMING: dict[Sequence[str], tuple[Callable[[Column], bool], str]] = {
    ("label", "text"): (_repeats, "its values repeat"),
    ("group", "sentence"): (_repeats, "its values repeat"),
    ("title", "content"): (_is_text, "the first other text"),
}
"""Parts of which the last is the longest text -> what the first must be, and how to say it."""
