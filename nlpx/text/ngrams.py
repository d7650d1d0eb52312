"""Character n-grams as features: those that end and begin at a position."""

from __future__ import annotations

from collections.abc import Sequence

from nlpx.core.lazy import np
from nlpx.text.code_points import code_points

BORDER = "\n"
"""Pads both ends of a text. It cannot occur in a line."""
BORDER_SIGN = "⏎"
"""Shows a border to people."""
_BITS = 21  # a code point is below 2^21, so three of them fit in 64 bits
LONGEST = 63 // _BITS


def vocabulary_name(size: int) -> str:
    """Name of the vocabulary of n-grams of a size."""
    return f"ngram{size}"


def feature_names(size: int) -> tuple[str, str]:
    """Names of the features for n-grams that end and begin at a position."""
    return f"ngram{size}_end", f"ngram{size}_begin"


def ngrams(text: str, size: int) -> list[str]:
    """The len(text) + size - 1 n-grams of a text that is padded with size - 1 borders on both sides."""
    padded = BORDER * (size - 1) + text + BORDER * (size - 1)
    return [padded[i : i + size] for i in range(len(text) + size - 1)] if text else []


class NgramIds:
    """Ids of all n-grams (n is 2 or 3) of a text, by binary search over packed code points; 0 is unknown."""

    def __init__(self, tokens: Sequence[str], size: int) -> None:
        if not 2 <= size <= LONGEST:
            raise ValueError(f"n-grams of size {size} cannot be packed; expected 2 to {LONGEST}")
        self._size = size
        packed = _pack(code_points("".join(tokens[1:])).reshape(-1, size).T)
        order = np.argsort(packed)
        self._keys = packed[order]
        self._ids = (order + 1).astype(np.int32)

    def __call__(self, text: str) -> tuple[np.ndarray, np.ndarray]:
        """Ids of the n-grams that end and begin at each position, (len(text),) int32 each."""
        return self.of_texts(code_points(text), np.array([len(text)]))

    def of_texts(self, codes: np.ndarray, lengths: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The same for many texts, one after another.

        Args:
            codes: their code points, (N,) uint32.
            lengths: their numbers of characters, (n,) integers, N in all.
        """
        gap = self._size - 1
        # Texts share the borders between them.
        places = np.arange(len(codes)) + np.repeat(np.arange(1, len(lengths) + 1) * gap, lengths)
        padded = np.full(len(codes) + (len(lengths) + 1) * gap, ord(BORDER), np.uint32)
        padded[places] = codes
        count = len(padded) - gap
        ids = self._find(_pack([padded[i : i + count] for i in range(self._size)]))
        return ids[places - gap], ids[places]

    def _find(self, keys: np.ndarray) -> np.ndarray:
        if not len(self._keys):
            return np.zeros(len(keys), np.int32)
        found = np.searchsorted(self._keys, keys)
        found[found == len(self._keys)] = 0
        return np.where(self._keys[found] == keys, self._ids[found], 0)


def _pack(columns: Sequence[np.ndarray] | np.ndarray) -> np.ndarray:
    key = np.zeros(len(columns[0]), np.uint64)
    for column in columns:
        key = (key << np.uint64(_BITS)) | column.astype(np.uint64)
    return key
