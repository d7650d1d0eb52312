"""Numbers with singular or plural nouns."""

from __future__ import annotations


def counted(number: int, one: str, more: str = "") -> str:
    """`1 row`, `2 rows`.

    Args:
        number: the number.
        one: the singular.
        more: the plural; empty appends an s to the singular.
    """
    return f"{number} {one if number == 1 else more or one + 's'}"
