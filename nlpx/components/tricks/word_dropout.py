"""Dropout of the characters of a text."""

from __future__ import annotations

from typing import ClassVar, Literal

from nlpx.components.tricks.base import Arrays, Trick
from nlpx.components.tricks.row_numbers import uniform
from nlpx.components.varying import Varying, now
from nlpx.core.lazy import np
from nlpx.core.options import Rate
from nlpx.text.ngrams import LONGEST, feature_names

UNKNOWN = 0
TEXTS = ("", "second.")
"""What the names of the fields of a text begin with; pairs have two texts."""


class WordDropout(Trick):
    """Replace random characters of every text by the unknown one.

    x_t <- unknown with probability rate, and so does every n-gram that contains position t

    Options:
        rate: probability that a character is replaced.
    Shapes: ids (B, T).
    Data: any.
    Relations: for models that should not depend on single characters, and should know the unknown one. It
        costs no time. Replaced positions follow from the seed of the experiment, the epoch and the row
        alone, so micro-batches are exactly one batch. Features of a lexicon keep their values.
    Reference: Iyyer et al. 2015, Deep unordered composition rivals syntactic methods, section 4.1; the
        random numbers are those of SplitMix64, Steele et al. 2014.
    Example:
        tricks:
          - {type: word_dropout, rate: 0.1}
    """

    needs: ClassVar[frozenset[str]] = frozenset({"char"})
    excludes: ClassVar = {"trick/word_dropout": "both would replace the same characters; set one rate"}

    type: Literal["word_dropout"] = "word_dropout"
    rate: Varying[Rate] = 0.1

    def data(self, batch: Arrays, rows: np.ndarray, epoch: int, seed: int) -> Arrays:
        changed, rate = dict(batch), float(now(self.rate))
        for number, text in enumerate(TEXTS):
            if f"{text}char" not in batch:
                continue
            ids = batch[f"{text}char"]
            dropped = np.less(uniform((seed, epoch, number), rows, ids.shape[1]), rate)
            changed[f"{text}char"] = np.where(dropped, UNKNOWN, ids).astype(ids.dtype)
            for size in range(2, LONGEST + 1):
                ends, begins = (f"{text}{name}" for name in feature_names(size))
                if ends in batch:
                    padded = np.pad(dropped, [(0, 0), (size - 1, size - 1)])
                    windows = np.lib.stride_tricks.sliding_window_view(padded, size, 1).max(-1)
                    for name, gone in ((ends, windows[:, : ids.shape[1]]), (begins, windows[:, size - 1 :])):
                        changed[name] = np.where(gone, UNKNOWN, batch[name]).astype(batch[name].dtype)
        return changed
