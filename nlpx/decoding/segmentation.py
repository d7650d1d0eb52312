"""From scores of tags to the best tags of texts."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from nlpx.decoding.viterbi import viterbi
from nlpx.text.dictionary import UserDictionary
from nlpx.text.tags import LEGAL_START, LEGAL_STOP, LEGAL_TRANSITIONS


class SegmentationDecoder:
    """The best tag sequence of each text, of a CRF or of a softmax at every position.

        argmax over y of  start(y_1) + sum_t (h_t(y_t) + bias_t(y_t)) + sum_t g(y_t, y_t+1) + stop(y_n)

    Args:
        dictionary: file of a `UserDictionary`; its log factors are the bias, added to the scores of a softmax
            and of a CRF alike.

    Raises:
        DataError: the dictionary cannot be read.
    """

    def __init__(self, dictionary: str | Path | None = None) -> None:
        self._dictionary = UserDictionary.load(dictionary) if dictionary is not None else None

    def decode(
        self,
        texts: Sequence[str],
        scores: np.ndarray,
        lengths: np.ndarray,
        transitions: np.ndarray | None = None,
        start: np.ndarray | None = None,
        stop: np.ndarray | None = None,
        constrain: bool = True,
    ) -> list[np.ndarray]:
        """Tags (length,) int32 of every text.

        Args:
            texts: B texts as they were written, which the dictionary is matched against.
            scores: (B, T, 4) CRF scores, or logits or log-probabilities of a softmax (what is added to a
                whole position changes no path). Those beyond the length of a text are not read.
            lengths: (B,) integers, characters of each text.
            transitions: (4, 4) scores of a CRF, row from, column to; None for a softmax, which is always
                decoded under the legal transitions.
            start: (4,) scores of the first tag of a CRF.
            stop: (4,) scores of the last tag of a CRF.
            constrain: allow legal tag sequences only.
        """
        if self._dictionary is not None:
            scores = self._biased(self._dictionary, texts, scores)
        if transitions is None:
            transitions, constrain = np.zeros(LEGAL_TRANSITIONS.shape), True
        if constrain:
            transitions = _only(LEGAL_TRANSITIONS, transitions)
            start, stop = _only(LEGAL_START, start), _only(LEGAL_STOP, stop)
        paths, _ = viterbi(scores, lengths, transitions, start, stop)
        return paths

    @staticmethod
    def _biased(dictionary: UserDictionary, texts: Sequence[str], scores: np.ndarray) -> np.ndarray:
        biased = scores.copy()
        for row, text in zip(biased, texts, strict=True):
            bias = dictionary.bias(text)
            if bias is not None:
                row[: len(text)] += bias
        return biased


def _only(legal: np.ndarray, scores: np.ndarray | None) -> np.ndarray:
    """Scores (0 where there are none) with -inf where not legal."""
    return np.where(legal, 0.0 if scores is None else scores, -np.inf)
