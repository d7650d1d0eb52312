"""Groups of synonyms from labelled pairs: sentences that a chain of positive pairs connects."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from nlpx.data.files import read_lines
from nlpx.data.keys import key
from nlpx.errors import DataError


@dataclass(frozen=True)
class PairGroups:
    """What labelled pairs tell about which sentences mean the same.

    Attributes:
        groups: the connected sentences, two or more a group, in the order of their first appearance.
        singles: sentences that are only in negative pairs.
        contradicted: negative pairs whose sentences a chain of positive ones connects all the same.
    """

    groups: list[list[str]]
    singles: list[str]
    contradicted: list[tuple[str, str]]


def read_pairs(paths: Iterable[Path]) -> Iterator[tuple[str, str, bool]]:
    """Both sentences of every line `first<TAB>second<TAB>label`, and whether its label is 1 and not 0.

    Raises:
        DataError: a file cannot be read, or a line is something else.
    """
    for path in paths:
        for number, line in enumerate(read_lines(path), start=1):
            parts = [part.strip() for part in line.split("\t")]
            if len(parts) != 3 or not all(parts) or parts[2] not in ("0", "1"):
                raise DataError(
                    f"{path}:{number}: {line!r} is no labelled pair. "
                    "Expected `first<TAB>second<TAB>label`, label 1 where both mean the same, else 0."
                )
            yield parts[0], parts[1], parts[2] == "1"


def connect(pairs: Iterable[tuple[str, str, bool]]) -> PairGroups:
    """Groups of the sentences that positive pairs connect, by union-find with path halving.

    Source: Tarjan 1975.
    """
    parent: dict[str, str] = {}
    negative: list[tuple[str, str]] = []

    def root(text: str) -> str:
        while parent[text] != text:
            parent[text] = parent[parent[text]]
            text = parent[text]
        return text

    for first, second, same in pairs:
        for text in (first, second):
            parent.setdefault(text, text)
        if same:
            parent[root(second)] = root(first)
        else:
            negative.append((first, second))
    members: dict[str, list[str]] = {}
    for text in parent:
        members.setdefault(root(text), []).append(text)
    return PairGroups(
        groups=[texts for texts in members.values() if len(texts) > 1],
        singles=[texts[0] for texts in members.values() if len(texts) == 1],
        contradicted=[(a, b) for a, b in negative if root(a) == root(b)],
    )


def split(groups: list[list[str]], valid: float) -> tuple[list[list[str]], list[list[str]]]:
    """Groups for train and for valid. A group goes to valid by a hash of its sentences, whatever its place.

    Args:
        groups: of sentences.
        valid: share of the groups for valid, 0 to 1.
    """
    sides: tuple[list[list[str]], list[list[str]]] = ([], [])
    for texts in groups:
        sides[key(min(texts)) < valid * 2**64].append(texts)
    return sides
