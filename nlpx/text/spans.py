"""Spans of 2 to 5 characters, and levels of spans as features of positions."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import numpy as np

from nlpx.text.code_points import code_points

LENGTHS = (2, 3, 4, 5)
FIELDS = 2 * len(LENGTHS)
"""Levels of a position: for each length, of the span that begins there and of the one that ends there."""
DEPTH = 8
"""Levels are below this."""


def spans(text: str) -> Iterator[tuple[int, str]]:
    """All spans of a text with their positions, shortest first."""
    for length in LENGTHS:
        for start in range(len(text) - length + 1):
            yield start, text[start : start + length]


def levels_of(text: str, level: Callable[[str], int | None]) -> np.ndarray:
    """Levels of every position, (len(text), FIELDS) uint8, by the level of each span; None counts as 0."""
    found = np.zeros((len(text), FIELDS), np.uint8)
    for field, length in enumerate(LENGTHS):
        for start in range(len(text) - length + 1):
            value = level(text[start : start + length])
            if value:
                found[start, 2 * field] = value
                found[start + length - 1, 2 * field + 1] = value
    return found


class SpanLevels:
    """The same for many texts at once, with a level for each of some spans; others have the level 0.

    The spans are a trie. Its nodes of a depth are sorted numbers, made of the node above and of a character,
    so that all positions go down one step together.
    """

    def __init__(self, levels: Mapping[str, int]) -> None:
        known = {
            length: [s for s, level in levels.items() if level and len(s) == length] for length in LENGTHS
        }
        codes = {
            n: code_points("".join(found)).reshape(-1, n).astype(np.uint64) for n, found in known.items()
        }
        nodes = {length: matrix[:, 0] for length, matrix in codes.items()}
        self._keys: list[np.ndarray] = []
        self._levels: list[np.ndarray] = []
        for length in LENGTHS:
            below = {n: _child(nodes[n], codes[n][:, length - 1]) for n in LENGTHS if n >= length}
            keys = np.unique(np.concatenate([*below.values()]))
            nodes = {n: np.searchsorted(keys, children).astype(np.uint64) for n, children in below.items()}
            own = np.zeros(len(keys), np.uint8)
            own[nodes[length].astype(np.intp)] = [levels[span] for span in known[length]]
            self._keys.append(keys)
            self._levels.append(own)

    def of_texts(self, codes: np.ndarray, lengths: np.ndarray) -> np.ndarray:
        """Levels of every position of texts, one after another, (N, FIELDS) uint8.

        Args:
            codes: their code points, (N,) uint32.
            lengths: their numbers of characters, (n,) integers, N in all.
        """
        found = np.zeros((len(codes), FIELDS), np.uint8)
        starts, nodes = np.arange(len(codes)), codes
        ends = np.repeat(np.cumsum(lengths), lengths)
        for field, (length, keys, levels) in enumerate(zip(LENGTHS, self._keys, self._levels, strict=True)):
            fits = starts + length <= ends[starts]
            starts, nodes = starts[fits], nodes[fits]
            children = _child(nodes, codes[starts + length - 1])
            places = np.searchsorted(keys, children)
            known = places < len(keys)
            known[known] = keys[places[known]] == children[known]
            starts, nodes = starts[known], places[known]
            found[starts, 2 * field] = found[starts + length - 1, 2 * field + 1] = levels[nodes]
        return found


def _child(nodes: np.ndarray, codes: np.ndarray) -> np.ndarray:
    """The numbers of nodes by the node above and a code point, which has 21 bits; uint64."""
    return (nodes.astype(np.uint64) << np.uint64(21)) | codes.astype(np.uint64)
