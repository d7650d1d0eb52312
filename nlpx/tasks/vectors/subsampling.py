"""Which occurrences of frequent words training keeps."""

from __future__ import annotations

import numpy as np


def keep_probability(counts: np.ndarray, threshold: float) -> np.ndarray:
    """The probability of keeping an occurrence of each word: t / f + sqrt(t / f), at most 1.

    Args:
        counts: occurrences of each word, (U,); their sum is that of the words with an id.
        threshold: t, compared with the relative frequency f.

    Source: the code of word2vec; Mikolov et al. 2013, arXiv 1310.4546, has 1 - sqrt(t / f) for dropping.
    """
    total = counts.sum()
    ratio = threshold * total / np.maximum(counts, 1)
    kept: np.ndarray = np.minimum(ratio + np.sqrt(ratio), 1.0)
    return kept
