"""Viterbi decoding in NumPy, for use without TensorFlow."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Literal, Self

from pydantic import PrivateAttr

from nlpx.components.decoders.base import Decoder
from nlpx.core.lazy import np
from nlpx.core.options import InputFile
from nlpx.text.dictionary import UserDictionary


class Viterbi(Decoder):
    """The best tag sequence of a CRF, or of a softmax head under the legal transitions of the tag scheme.

    argmax over y of  start(y_1) + sum_t (h_t(y_t) + bias_t(y_t)) + sum_t g(y_t, y_t+1) + stop(y_n)

    Options:
        dictionary: file with lines `word<TAB>factor` (or `word,factor`): at every occurrence of the word, the
            probabilities of the tags that make it one word are multiplied by the factor; below 1 it is split.
            Relative to the config that names it, or to the current folder in `--set`.
        legal_ends: only s or b for the first character, and s or e for the last one.
    Shapes: scores (T, K) -> T tags.
    Data: sentences.
    Relations: a twin of the CRF in TensorFlow; needs NumPy alone.
    Reference: Viterbi 1967; hard decoding: kexue.fm archive 4195; free ends: archive 4114.
    Example:
        decode: {type: viterbi, dictionary: my_words.tsv}
    """

    needs: ClassVar[frozenset[str]] = frozenset({"tags"})

    type: Literal["viterbi"] = "viterbi"
    dictionary: InputFile | None = None
    legal_ends: bool = True

    _words: UserDictionary | None = PrivateAttr(None)

    def prepare(self) -> Self:
        ready = super().prepare()
        if self.dictionary is not None:
            ready._words = UserDictionary.load(self.dictionary)
        return ready

    def decode(
        self,
        texts: Sequence[str],
        scores: np.ndarray,
        lengths: np.ndarray,
        transitions: np.ndarray | None = None,
        start: np.ndarray | None = None,
        stop: np.ndarray | None = None,
    ) -> list[np.ndarray]:
        """The best legal tags (length,) int32 of every text.

        Args:
            texts: B texts as they were written, which the dictionary is matched against.
            scores: (B, T, 4) CRF scores, or logits or log-probabilities of a softmax (what is added to a
                whole position changes no path). Those beyond the length of a text are not read.
            lengths: (B,) integers, characters of each text.
            transitions: (4, 4) scores of a CRF, row from, column to; None for a softmax.
            start: (4,) scores of the first tag of a CRF.
            stop: (4,) scores of the last tag of a CRF.
        """
        if self._words is not None:
            scores = scores.copy()
            for row, text in zip(scores, texts, strict=True):
                bias = self._words.bias(text)
                if bias is not None:
                    row[: len(text)] += bias
        paths, _ = viterbi(scores, lengths, **self.tables(transitions, start, stop))
        return paths

    def tables(
        self, transitions: np.ndarray | None, start: np.ndarray | None, stop: np.ndarray | None
    ) -> dict[str, np.ndarray]:
        """The `transitions`, `start` and `stop` of `viterbi`, -inf where the tag scheme forbids something."""
        from nlpx.text.tags import LEGAL_START, LEGAL_STOP, LEGAL_TRANSITIONS

        free = not self.legal_ends
        legal = {
            "transitions": (LEGAL_TRANSITIONS, transitions),
            "start": (LEGAL_START | free, start),
            "stop": (LEGAL_STOP | free, stop),
        }
        return {
            n: np.where(may, 0.0 if scores is None else scores, -np.inf) for n, (may, scores) in legal.items()
        }


def viterbi(
    emissions: np.ndarray,
    lengths: Sequence[int] | np.ndarray,
    transitions: np.ndarray,
    start: np.ndarray | None = None,
    stop: np.ndarray | None = None,
) -> tuple[list[np.ndarray], np.ndarray]:
    """The tag sequences with the highest score, all rows of a batch at once; ties go to the lower tag.

        f(y) = start(y_1) + sum_t h_t(y_t) + sum_t g(y_t, y_t+1) + stop(y_n)

    Args:
        emissions: h, (B, T, K) floating; what lies beyond the length of a row is not read.
        lengths: of the rows, (B,) integers from 0 to T.
        transitions: g, (K, K), the tag that is left as row; -inf forbids.
        start: (K,), -inf forbids; None is 0.
        stop: (K,), -inf forbids; None is 0.

    Returns:
        Paths, one (length,) int32 array a row, and their scores (B,) float64; an empty row has the score 0.

    Source: Viterbi 1967.
    """
    lengths = np.asarray(lengths)
    batch, steps, tags = emissions.shape
    if not batch or not steps:
        return [np.zeros(0, np.int32) for _ in range(batch)], np.zeros(batch)
    # Time first and rows last: every step works on whole blocks.
    scores = np.ascontiguousarray(emissions.transpose(1, 2, 0), np.float64)
    leaving = np.asarray(transitions, np.float64)
    best = np.empty((steps, tags, batch))
    best[0] = scores[0] + (0.0 if start is None else np.asarray(start)[:, None])
    for t in range(1, steps):
        reached = (best[t - 1][:, None] + leaving[:, :, None]).max(0) + scores[t]
        best[t] = np.where(t < lengths, reached, best[t - 1])
    final = best[-1] + (0.0 if stop is None else np.asarray(stop)[:, None])
    path = np.empty((steps, batch), np.int32)
    path[-1] = final.argmax(0)
    for t in range(steps - 1, 0, -1):
        previous = (best[t - 1] + leaving[:, path[t]]).argmax(0)
        path[t - 1] = np.where(t < lengths, previous, path[t])
    paths = [path[:length, row] for row, length in enumerate(lengths)]
    return paths, np.where(lengths > 0, final.max(0), 0.0)
