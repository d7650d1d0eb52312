"""A dictionary of names, and maximum matching of texts with it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TypeAlias

Span: TypeAlias = tuple[int, int]
"""The first position, and the one after the last."""


class NameDictionary:
    """Finds names in a text by maximum matching.

    A text is split into names and single characters, such that there are as few of them as possible. Of
    several ways, as many characters as possible belong to names, and then the parts on the left are as long
    as possible.

    Args:
        names: names, none of them empty.
    """

    def __init__(self, names: Iterable[str]) -> None:
        # All prefixes of names, and whether they are names.
        self._known: dict[str, bool] = {}
        for name in names:
            for end in range(1, len(name)):
                self._known.setdefault(name[:end], False)
            self._known[name] = True

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and self._known.get(name, False)

    def occurrences(self, text: str, start: int) -> Iterator[int]:
        """Where the names end that begin at a position, the shortest first."""
        for end in range(start + 1, len(text) + 1):
            is_name = self._known.get(text[start:end])
            if is_name is None:
                return
            if is_name:
                yield end

    def match(self, text: str) -> list[Span]:
        """The names in a text, from left to right, by dynamic programming from the end of the text."""
        size = len(text)
        # By position: number of parts and characters outside names from there on, and where the part ends.
        best: list[tuple[int, int]] = [(0, 0)] * (size + 1)
        ends = [0] * size
        named = [False] * size
        for start in range(size - 1, -1, -1):
            parts, outside = best[start + 1]
            best[start], ends[start] = (parts + 1, outside + 1), start + 1
            for end in self.occurrences(text, start):
                parts, outside = best[end]
                if (parts + 1, outside) <= best[start]:  # of equal ones, the longest
                    best[start], ends[start], named[start] = (parts + 1, outside), end, True
        spans, start = list[Span](), 0
        while start < size:
            if named[start]:
                spans.append((start, ends[start]))
            start = ends[start]
        return spans


def cleaned(matched: Mapping[str, int], annotated: Mapping[str, int], ratio: float) -> list[str]:
    """The names that are mentions often enough: (matched + 1) / (annotated + 1) < ratio.

    Args:
        matched: names with the number of texts in which they are matched, but are no mention.
        annotated: the number of texts in which they are mentions; 0 where missing.
    """
    return [name for name, count in matched.items() if (count + 1) / (annotated.get(name, 0) + 1) < ratio]
