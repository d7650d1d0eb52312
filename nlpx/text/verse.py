"""Forms of verse: number and length of lines, and punctuation."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from nlpx.core.printable import JOINERS
from nlpx.text.punctuation import is_punctuation

LINE_LENGTHS: Mapping[int, int] = MappingProxyType({10: 5, 14: 7, 20: 5, 28: 7})
"""Length of a line by length of a verse, for couplets and quatrains with lines of five or seven."""
QUATRAINS = (20, 28)
COMMA, FULL_STOP = "，", "。"


def lines(text: str) -> list[str]:
    """The lines of a verse without punctuation; raises ValueError if no verse has this length."""
    if len(text) not in LINE_LENGTHS:
        raise ValueError(f"{len(text)} characters; a verse has one of {', '.join(map(str, LINE_LENGTHS))}")
    size = LINE_LENGTHS[len(text)]
    return [text[start : start + size] for start in range(0, len(text), size)]


def rhyme_positions(length: int) -> tuple[int, int]:
    """The rhyme positions of a quatrain, the ends of lines 2 and 4; raises ValueError for a couplet."""
    if length not in QUATRAINS:
        raise ValueError(f"{length} characters; a quatrain has one of {', '.join(map(str, QUATRAINS))}")
    return length // 2 - 1, length - 1


def written_out(text: str) -> str:
    """A verse with a comma after the first line of every couplet and a full stop after the second."""
    return "".join(line + (FULL_STOP if i % 2 else COMMA) for i, line in enumerate(lines(text)))


def bare(text: str) -> str:
    """The characters of a text without blanks and punctuation, and without what joins parts of emoji."""
    return "".join(char for char in text if not (char.isspace() or is_punctuation(char) or char in JOINERS))
