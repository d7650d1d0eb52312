"""Texts in lines of a given width, also Chinese, which has no blanks between words."""

from __future__ import annotations

import re
import textwrap

NARROWEST = 10
"""Columns in which a text is folded at least."""
_WIDE = r"\u1100-\u115f\u2e80-\uffe6"
_CLOSING, _OPENING = "，。；：、！？）」』》”’…", "（「『《“‘"
_PIECE = re.compile(rf"[{_OPENING}]*(?:[{_WIDE}]|[^\s{_WIDE}]+)[{_CLOSING}]*|\s+")
"""Between two of these, a line may end: not before a closing mark, nor after an opening one."""


def wrapped(text: str, width: int, indent: str = "", after: str = "") -> list[str]:
    """The lines of a text, of at most `width` columns; longer words, such as paths, are not split.

    On a terminal that leaves less than NARROWEST columns, the lines are longer than it.

    Args:
        indent: what all lines begin with.
        after: what all lines but the first one begin with, after `indent`.
    """
    width = max(width, len(indent + after) + NARROWEST)
    if text.isascii():
        return textwrap.wrap(
            text,
            width,
            initial_indent=indent,
            subsequent_indent=indent + after,
            break_long_words=False,
            break_on_hyphens=False,
        )
    from rich.cells import cell_len

    lines, used = [indent], False
    for piece in _PIECE.findall(text):
        if used and cell_len(lines[-1] + piece.rstrip()) > width:
            lines[-1] = lines[-1].rstrip()
            lines.append(indent + after)
            used = False
        if used or piece.strip():
            lines[-1] += piece
            used = True
    return lines
