"""Numbers with the word for what is counted."""

from __future__ import annotations


def counted(number: int, one: str, more: str = "") -> str:
    """`1 row`, `2 rows`.

    Args:
        number: how many there are.
        one: the word for one of them.
        more: the word for several; empty adds an s.
    """
    return f"{number} {one if number == 1 else more or one + 's'}"
