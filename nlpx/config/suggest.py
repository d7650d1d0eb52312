"""The nearest valid word."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def nearest(word: str, known: Iterable[str], at_most: int = 1) -> list[str]:
    """The known words that look most like `word`, whatever its case, hyphens and blanks."""
    by_form = {_form(other): other for other in known}
    found = difflib.get_close_matches(_form(word), by_form, n=at_most, cutoff=0.6)
    return [by_form[form] for form in found]


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """`did you mean X?`, or nothing."""
    found = nearest(word, known)
    return f"did you mean {found[0]}?" if found else ""


def one_of(names: Iterable[str], at_most: int = 20) -> str:
    """`a`, `a or b`, `one of a, b, c`."""
    listed = list(names)
    if len(listed) > at_most:
        return f"one of {', '.join(listed[:at_most])}, ..."
    return (
        listed[0]
        if len(listed) == 1
        else " or ".join(listed)
        if len(listed) == 2
        else f"one of {', '.join(listed)}"
    )


def _form(word: str) -> str:
    return word.lower().replace("-", "_").replace(" ", "_")
