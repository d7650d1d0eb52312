"""The shapes of verse: how many lines of how many characters, and how a verse is written out."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from nlpx.text.punctuation import is_punctuation

LINE_LENGTHS: Mapping[int, int] = MappingProxyType({10: 5, 14: 7, 20: 5, 28: 7})
"""Characters of a line by characters of a verse: a couplet or a quatrain of lines of five or seven."""
QUATRAINS = (20, 28)
COMMA, FULL_STOP = "，", "。"


def lines(text: str) -> list[str]:
    """The lines of a verse without marks.

    Raises:
        ValueError: no verse has this length.
    """
    if len(text) not in LINE_LENGTHS:
        raise ValueError(f"{len(text)} characters; a verse has one of {', '.join(map(str, LINE_LENGTHS))}")
    size = LINE_LENGTHS[len(text)]
    return [text[start : start + size] for start in range(0, len(text), size)]


def rhyme_positions(length: int) -> tuple[int, int]:
    """Where a quatrain rhymes: the ends of its second and fourth line. The first may rhyme as well.

    Raises:
        ValueError: a couplet has one end that rhymes, with those of other couplets.
    """
    if length not in QUATRAINS:
        raise ValueError(f"{length} characters; a quatrain has one of {', '.join(map(str, QUATRAINS))}")
    return length // 2 - 1, length - 1


def written_out(text: str) -> str:
    """A verse with its marks: a comma after the first line of every couplet, a full stop after the second."""
    return "".join(line + (FULL_STOP if i % 2 else COMMA) for i, line in enumerate(lines(text)))


def bare(text: str) -> str:
    """The characters of a text without blanks and marks."""
    return "".join(char for char in text if not char.isspace() and not is_punctuation(char))
