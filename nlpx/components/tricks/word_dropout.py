"""Dropout of the characters of a text."""

from __future__ import annotations

from typing import ClassVar, Literal

from nlpx.components.tricks.base import Arrays, Trick
from nlpx.core.lazy import np
from nlpx.core.options import Rate
from nlpx.text.ngrams import LONGEST, feature_names

UNKNOWN = 0
TEXTS = ("", "second.")
"""What the names of the fields of a text begin with; pairs have two texts."""
STEP, FIRST, SECOND = 0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB
"""Constants of SplitMix64."""


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
    rate: Rate = 0.1

    def data(self, batch: Arrays, rows: np.ndarray, epoch: int, seed: int) -> Arrays:
        changed = dict(batch)
        for number, text in enumerate(TEXTS):
            if f"{text}char" not in batch:
                continue
            ids = batch[f"{text}char"]
            dropped = np.less(uniform((seed, epoch, number), rows, ids.shape[1]), self.rate)
            changed[f"{text}char"] = np.where(dropped, UNKNOWN, ids).astype(ids.dtype)
            for size in range(2, LONGEST + 1):
                ends, begins = (f"{text}{name}" for name in feature_names(size))
                if ends in batch:
                    padded = np.pad(dropped, [(0, 0), (size - 1, size - 1)])
                    windows = np.lib.stride_tricks.sliding_window_view(padded, size, 1).max(-1)
                    for name, gone in ((ends, windows[:, : ids.shape[1]]), (begins, windows[:, size - 1 :])):
                        changed[name] = np.where(gone, UNKNOWN, batch[name]).astype(batch[name].dtype)
        return changed


def uniform(key: tuple[int, ...], rows: np.ndarray, length: int) -> np.ndarray:
    """Numbers between 0 and 1, (B, length), each a function of the key, of its row and of its position."""
    state = np.zeros(1, np.uint64)
    for number in key:
        state = _mixed(state + np.uint64((number + 1) * STEP % 2**64))
    of_rows = _mixed(state + (rows.astype(np.uint64) + np.uint64(1)) * np.uint64(STEP))
    places = np.arange(1, length + 1, dtype=np.uint64) * np.uint64(STEP)
    return (_mixed(of_rows[:, None] + places) >> np.uint64(11)) * 2.0**-53


def _mixed(x: np.ndarray) -> np.ndarray:
    """The output function of SplitMix64."""
    x = (x ^ (x >> np.uint64(30))) * np.uint64(FIRST)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(SECOND)
    return x ^ (x >> np.uint64(31))
