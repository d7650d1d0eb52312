"""Viterbi decoding in NumPy, for use without TensorFlow."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
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

    def with_words(self, words: UserDictionary) -> Self:
        """This decoder with other words instead of those of its file."""
        other = self.model_copy()
        other._words = words
        return other

    @property
    def reads_texts(self) -> bool:
        """Whether `decode` needs the texts."""
        return self._words is not None

    def decode(
        self,
        texts: Sequence[str],
        scores: np.ndarray,
        lengths: np.ndarray,
        transitions: np.ndarray | None = None,
        start: np.ndarray | None = None,
        stop: np.ndarray | None = None,
    ) -> np.ndarray:
        """The best legal tags of all texts, one after another, (N,) int32.

        Args:
            texts: B texts as they were written, which the dictionary is matched against; not read without.
            scores: (N, 4) CRF scores, or logits or log-probabilities of a softmax (what is added to a
                whole position changes no path), of all texts, one after another.
            lengths: (B,) integers, characters of each text, N in all.
            transitions: (4, 4) scores of a CRF, row from, column to; None for a softmax.
            start: (4,) scores of the first tag of a CRF.
            stop: (4,) scores of the last tag of a CRF.
        """
        if self._words is not None:
            scores, end = scores.copy(), 0
            for text in texts:
                end += len(text)
                bias = self._words.bias(text)
                if bias is not None:
                    scores[end - len(text) : end] += bias
        tags, _ = best_paths(scores, lengths, **self.tables(transitions, start, stop))
        return tags

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
    lengths = np.asarray(lengths, np.int64)
    real = np.arange(emissions.shape[1]) < lengths[:, None]
    tags, totals = best_paths(emissions[real], lengths, transitions, start, stop)
    ends = lengths.cumsum().tolist()
    return [tags[end - length : end] for end, length in zip(ends, lengths.tolist(), strict=True)], totals


def best_paths(
    emissions: np.ndarray,
    lengths: np.ndarray,
    transitions: np.ndarray,
    start: np.ndarray | None = None,
    stop: np.ndarray | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """`viterbi` of rows that are one after another, without padding.

    Args:
        emissions: h, (N, K) floating, of all rows.
        lengths: of the rows, (B,) integers, N in all.

    Returns:
        All paths, (N,) int32, and their scores (B,) float64.
    """
    order = np.argsort(-lengths, kind="stable")
    first = (np.cumsum(lengths) - lengths)[order]
    steps = int(lengths.max(initial=0))
    # At step t, the first active[t] rows of this order take part: those that are longer than t.
    active = np.searchsorted(-lengths[order], -np.arange(steps)).tolist()
    bounds = [0, *accumulate(active)]
    places = np.concatenate([np.zeros(0, np.int64), *(first[:n] + t for t, n in enumerate(active))])
    timed = np.ascontiguousarray(emissions[places].T)
    sources, leaving = _sources(np.asarray(transitions, np.float64))
    choices = np.zeros(timed.shape, np.uint8)
    ends = np.zeros((len(timed), len(lengths)))  # an empty row scores 0
    best = np.zeros((len(timed), 0))
    for t, n in enumerate(active):
        here = slice(bounds[t], bounds[t] + n)
        if t:
            best = _step(best[:, :n], sources, leaving, choices[:, here])
        else:
            best = np.zeros((len(timed), n)) + (0.0 if start is None else np.asarray(start)[:, None])
        best += timed[:, here]
        ended = slice(active[t + 1] if t + 1 < steps else 0, n)
        ends[:, ended] = best[:, ended]
    if stop is not None:
        ends[:, : active[0] if steps else 0] += np.asarray(stop)[:, None]
    totals = np.empty(len(lengths))
    totals[order] = ends.max(0)
    return _followed(ends.argmax(0), choices, sources, active, bounds, places), totals


def _sources(transitions: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """For every tag, those that it may follow, ascending, (W, K), and the scores of that, (W, K, 1).

    W is the largest number of them; what is missing has the score -inf.
    """
    allowed = transitions > -np.inf
    sources = np.argsort(~allowed, axis=0, kind="stable")[: max(1, allowed.sum(0).max())]
    return sources, np.take_along_axis(transitions, sources, 0)[:, :, None]


def _step(best: np.ndarray, sources: np.ndarray, leaving: np.ndarray, choices: np.ndarray) -> np.ndarray:
    """The best scores (K, n) after one more transition; sets which of the sources it comes from, (K, n)."""
    found = best[sources[0]] + leaving[0]
    for number in range(1, len(sources)):
        other = best[sources[number]] + leaving[number]
        choices[other > found] = number
        np.maximum(found, other, out=found)
    return found


def _followed(
    last: np.ndarray,
    choices: np.ndarray,
    sources: np.ndarray,
    active: Sequence[int],
    bounds: Sequence[int],
    places: np.ndarray,
) -> np.ndarray:
    """The path to the last tag of every row, at its places."""
    path = np.zeros(len(places), np.int32)
    tags = last[:0]
    for t in reversed(range(len(active))):
        n = active[t]
        tags = np.concatenate([tags, last[len(tags) : n]])
        path[places[bounds[t] : bounds[t] + n]] = tags
        tags = sources[choices[tags, np.arange(bounds[t], bounds[t] + n)], tags]
    return path
