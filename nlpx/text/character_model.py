"""A language model of characters: interpolated n-grams with absolute discounting."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

DISCOUNT = 0.75


class CharacterModel:
    """p(c | the n - 1 characters before it) for every n up to an order.

        p_n(c | h) = max(count(hc) - d, 0) / count(h) + d * types(h) / count(h) * p_n-1(c | h')
        p_1(c) = (count(c) + 1) / (characters + size)

    where h' is h without its first character, types(h) the number of characters seen after h, and d = 0.75.
    If h was never seen, p_n = p_n-1.

    Args:
        texts: ids of the characters, (T,) integers from 0 to size - 1 each; n-grams do not cross texts.
        size: of the vocabulary; size^order must fit into 63 bits.
        order: largest n.
    """

    def __init__(self, texts: Iterable[np.ndarray], size: int, order: int = 4) -> None:
        if size**order >= 2**63:
            raise ValueError(f"{size} characters are too many for n-grams of {order}")
        self.size, self.order = size, order
        found = [np.asarray(text, np.int64) for text in texts]
        self._unigrams = np.bincount(np.concatenate([np.zeros(0, np.int64), *found]), minlength=size)
        self._counts: list[tuple[np.ndarray, np.ndarray]] = []
        self._histories: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = []
        for n in range(2, order + 1):
            keys = np.concatenate([np.zeros(0, np.int64), *(self._keys(text, n) for text in found)])
            grams, counts = np.unique(keys, return_counts=True)
            histories, where, types = np.unique(grams // size, return_inverse=True, return_counts=True)
            totals = np.bincount(where, counts, minlength=len(histories))
            self._counts.append((grams, counts))
            self._histories.append((histories, totals, types))

    def log_probabilities(self, text: np.ndarray) -> np.ndarray:
        """log p_n of every character, (T, order) float64; -inf with fewer than n - 1 characters before it."""
        text = np.asarray(text, np.int64)
        total = self._unigrams.sum()
        probability = (self._unigrams[text] + 1) / (total + self.size)
        result = np.full((len(text), self.order), -np.inf)
        result[:, 0] = np.log(probability)
        for n in range(2, min(self.order, len(text)) + 1):
            keys = self._keys(text, n)
            probability = probability[1:]
            count = _looked_up(*self._counts[n - 2], keys)
            histories, totals, types = self._histories[n - 2]
            seen = _looked_up(histories, totals, keys // self.size)
            kinds = _looked_up(histories, types, keys // self.size)
            known = np.maximum(seen, 1)
            mixed = (np.maximum(count - DISCOUNT, 0) + DISCOUNT * kinds * probability) / known
            probability = np.where(seen > 0, mixed, probability)
            result[n - 1 :, n - 1] = np.log(probability)
        return result

    def _keys(self, text: np.ndarray, n: int) -> np.ndarray:
        """The n-grams of a text as numbers, (T - n + 1,)."""
        if len(text) < n:
            return np.zeros(0, np.int64)
        parts = [text[i : len(text) - n + 1 + i] * self.size ** (n - 1 - i) for i in range(n)]
        return np.sum(parts, 0)


def _looked_up(keys: np.ndarray, values: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """The values of some keys, of which all are sorted; 0 for others."""
    if not len(keys):
        return np.zeros(len(wanted))
    places = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    return np.where(keys[places] == wanted, values[places], 0)
