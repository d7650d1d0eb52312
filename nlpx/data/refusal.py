"""When rows are refused: bad ones are listed first, with what their file looks like."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal

from nlpx.core.counted import counted
from nlpx.data.prepared import Counts
from nlpx.data.records import BadRow
from nlpx.errors import DataError

if TYPE_CHECKING:
    from nlpx.components.sources.base import Source

OnBadLine = Literal["error", "skip"]
SHOWN_BAD_ROWS = 50
NEARLY_ALL = 0.9
"""Share of bad rows from which on a file is probably in another format."""


def refuse(
    source: Source,
    counts: Mapping[str, Counts],
    bad: list[BadRow],
    total: int,
    on_bad_line: OnBadLine,
    error: DataError | None = None,
) -> None:
    """Raise DataError if bad rows are an error, if a split has no row left, or if reading ended in an error.

    Bad rows come first: what they have in common is often what everything else follows from.

    Args:
        source: says what files look like of which nearly all rows are bad.
        counts: by split.
        bad: the first bad rows.
        total: how many there are, each once.
        on_bad_line: `error` lists them.
        error: what ended the reading.
    """
    lines: list[str] = []
    bad_rows = counted(total, "bad row")
    hints = formats(source, counts)
    if total and on_bad_line == "error":
        lines = [str(row) for row in bad[:SHOWN_BAD_ROWS]]
        if total > len(lines):
            lines.append(f"... and {total - len(lines)} more")
        if hints:
            lines.append(f"{bad_rows}, nearly all there are.")
        elif error is None:
            them = "it" if total == 1 else "them"
            lines.append(f"{bad_rows}. Fix {them}, or set data.on_bad_line: skip to leave {them} out.")
        else:
            lines.append(f"{bad_rows}.")
    empty = next((split for split, count in counts.items() if not count.used), None)
    if error is not None:
        lines += [*hints, str(error)]
    elif lines:
        lines += hints
    elif empty is not None:
        count = counts[empty]
        lines = [
            *hints,
            f"the split {empty} has no row left: of {counted(count.rows, 'row')}, {count.bad} "
            f"{'is' if count.bad == 1 else 'are'} bad and {count.left_out} longer or shorter than the "
            "section data takes. Give it other rows, or change the lengths there.",
        ]
    if lines:
        raise DataError("\n".join(lines)) from None


def formats(source: Source, counts: Mapping[str, Counts]) -> list[str]:
    """What files look like of which nearly all rows are bad, each once."""
    poor = (split for split, count in counts.items() if count.bad and count.bad >= NEARLY_ALL * count.rows)
    return list(dict.fromkeys(filter(None, map(source.looks_like, poor))))
