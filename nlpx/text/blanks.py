"""Blanks of every width: characters for which `str.isspace` is true, such as U+3000, tabs and line ends."""

from __future__ import annotations


def without_blanks(text: str) -> str:
    """The other characters of a text, in order."""
    return "".join(text.split())


def with_blanks_of(model: str, text: str) -> str:
    """`text` with the blanks of `model` at the same positions; raises ValueError if it does not fit."""
    places = [i for i, char in enumerate(model) if not char.isspace()]
    characters = list(model)
    for place, char in zip(places, text, strict=True):
        characters[place] = char
    return "".join(characters)


def blank_places(text: str) -> list[int]:
    """The positions of the blanks."""
    return [i for i, char in enumerate(text) if char.isspace()]
