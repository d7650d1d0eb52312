"""Errors about bad rows, with advice about the format of the file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal

from nlpx.core.counted import counted
from nlpx.data.prepared import Counts, Findings
from nlpx.errors import DataError

if TYPE_CHECKING:
    from nlpx.components.sources.base import Source

OnBadLine = Literal["error", "skip"]
SHOWN_BAD_ROWS = 50
NEARLY_ALL = 0.9
"""Minimum proportion of bad rows for assuming that a file has another format."""


def refuse(source: Source, found: Findings, on_bad_line: OnBadLine, error: DataError | None = None) -> None:
    """Raise DataError for bad rows, listed first, for a split without usable rows, or if reading failed."""
    lines: list[str] = []
    counts, total = found.counts, found.bad_total
    bad_rows = counted(total, "bad row")
    hints = formats(source, counts)
    if total and on_bad_line == "error":
        lines = [str(row) for row in found.bad[:SHOWN_BAD_ROWS]]
        if total > len(lines):
            lines.append(f"... and {total - len(lines)} more")
        if hints:
            lines.append(f"{bad_rows}, nearly all of the file.")
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
            f"the {empty} split has no rows left: of {counted(count.rows, 'row')}, {count.bad} "
            f"{'is' if count.bad == 1 else 'are'} bad and {count.left_out} longer or shorter than the "
            "section data allows. Use other data, or change the lengths there.",
        ]
    if lines:
        raise DataError("\n".join(lines)) from None


def formats(source: Source, counts: Mapping[str, Counts]) -> list[str]:
    """Advice about files with mostly bad rows, without duplicates."""
    poor = (split for split, count in counts.items() if count.bad and count.bad >= NEARLY_ALL * count.rows)
    return list(dict.fromkeys(filter(None, map(source.looks_like, poor))))
