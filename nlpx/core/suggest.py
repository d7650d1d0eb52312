"""Suggest the closest valid names."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice

MOST_KNOWN = 500
LONGEST_WORD = 100
"""Limits on the number and length of words that are compared, because comparison is slow."""


def nearest(word: str, known: Iterable[str], at_most: int = 1) -> list[str]:
    """The known words that are most similar to `word`, ignoring case, hyphens and blanks."""
    import difflib

    if len(word) > LONGEST_WORD:
        return []
    by_form = {_form(other): other for other in islice(known, MOST_KNOWN) if len(other) <= LONGEST_WORD}
    found = difflib.get_close_matches(_form(word), by_form, n=at_most, cutoff=0.6)
    return [by_form[form] for form in found]


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """`did you mean X?`, or an empty string."""
    found = nearest(word, known)
    return f"did you mean {found[0]}?" if found else ""


def nearest_first(word: str, known: Iterable[str]) -> list[str]:
    """All known words, those similar to `word` first."""
    names = list(known)
    near = nearest(word, names, at_most=3)
    return [*near, *(name for name in names if name not in near)]


def listed(names: Iterable[str], at_most: int = 20) -> str:
    """`a, b, c`, followed by dots if there are more."""
    shown = list(islice(names, at_most + 1))
    return ", ".join([*shown[:at_most], "..."] if len(shown) > at_most else shown)


def one_of(names: Iterable[str], at_most: int = 20) -> str:
    """`a`, `a or b`, `one of a, b, c`."""
    shown = list(names)
    if len(shown) <= 2:
        return " or ".join(shown)
    return f"one of {listed(shown, at_most)}"


def _form(word: str) -> str:
    return word.lower().replace("-", "_").replace(" ", "_")
