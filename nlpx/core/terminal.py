"""What a terminal can show."""

from __future__ import annotations

import os
from typing import TextIO

LEAST_LINES = 3
"""Lines of a terminal below which tqdm hides a bar."""


def shows_bars(stream: TextIO) -> bool:
    """Whether a stream is a terminal with the lines that a bar needs.

    Where it does not tell, 0, no bar would be drawn.
    """
    if not stream.isatty():
        return False
    try:
        return os.get_terminal_size(stream.fileno()).lines >= LEAST_LINES
    except (OSError, ValueError):
        return True


def columns(stream: TextIO) -> int:
    """The width of a terminal; 80 where it does not tell."""
    try:
        return os.get_terminal_size(stream.fileno()).columns or 80
    except (OSError, ValueError):
        return 80
