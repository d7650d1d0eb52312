"""Prefix beam search over frames, with an optional bigram language model."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Literal

from nlpx.components.decoders.bigram_text import BigramText
from nlpx.components.decoders.frames import BLANK, FrameDecoder
from nlpx.core.lazy import np
from nlpx.core.options import NonNegativeFloat, PositiveInt
from nlpx.text.edit_distance import edit_distance

DEFAULT_WEIGHT = 0.5
"""Weight of the language model before one has been chosen."""
WEIGHTS = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0)
IMPOSSIBLE = -math.inf

Score = Callable[[int, int], float]
"""What a character adds to the score after another one, by their ids."""
Beam = dict[tuple[int, ...], tuple[float, float, float]]
"""By prefix: log-probabilities of its paths that end in a blank, and in a character; its language score."""


class CTCBeam(BigramText, FrameDecoder):
    """The most probable text among those that a beam reaches, all paths of a text added up.

    argmax over s of log sum over paths that spell s of prod_t p_t(path_t) + weight sum_i log V P(s_i+1 | s_i)
    P(b | a) = (n(ab) + alpha) / (n(a) + alpha V)

    V is the number of characters. A bigram that is as frequent as by chance adds 0, so that the length of a
    text has no price of its own.

    Options:
        size: prefixes that are kept in every frame.
        top: characters of a frame that may be added to a prefix, the most probable ones.
        weight: weight of the language model; not used without text. Default: 0.5 during training, then the
            value of 0, 0.1, ... 0.6, 0.8, 1 with the fewest errors on lines of the validation split, which is
            stored in the run.
    Shapes: log-probabilities (T, U) -> a text of at most T characters.
    Data: frames of lines of text.
    Relations: without text it is little better than ctc_greedy, because good models are sure of their paths.
        The text must not contain the lines that are evaluated. About size * top steps in Python per frame:
        some milliseconds for a line. keras.ops.ctc_decode has no language model.
    Reference: Graves et al. 2006; Hannun et al. 2014, arXiv 1408.2873 (prefix beam search with a language
        model).
    Example:
        decode: {type: ctc_beam, size: 8, text: news.txt}
    """

    type: Literal["ctc_beam"] = "ctc_beam"
    size: PositiveInt = 8
    top: PositiveInt = 5
    weight: NonNegativeFloat | None = None

    def decode(
        self, log_probs: np.ndarray, characters: Sequence[str], weight: float = DEFAULT_WEIGHT
    ) -> tuple[str, float]:
        """`weight` stands for that of the options where these have none."""
        chosen = weight if self.weight is None else self.weight
        score = self._score(characters, chosen) if self.text is not None and chosen else None
        beam: Beam = {(): (0.0, IMPOSSIBLE, 0.0)}
        rows = log_probs.astype(np.float64)
        order = np.argsort(-rows[:, 1:], axis=1, kind="stable")[:, : self.top] + 1
        for row, added in zip(rows.tolist(), order.tolist(), strict=True):
            grown = _grown(beam, row, added, score)
            best = sorted(grown, key=lambda prefix: -_total(grown[prefix]))[: self.size]
            beam = {prefix: grown[prefix] for prefix in best}
        found = max(beam, key=lambda prefix: _total(beam[prefix]))
        blank, character, _ = beam[found]
        return "".join(characters[i] for i in found), _log_add(blank, character)

    def choose(
        self, lines: Sequence[np.ndarray], references: Sequence[str], characters: Sequence[str]
    ) -> float:
        """The weight with the fewest errors, and of several the smallest.

        Args:
            lines: log-probabilities of lines that are not in the training split.
            references: their texts.
        """
        errors = [
            sum(
                edit_distance(self.decode(line, characters, weight)[0], text)
                for line, text in zip(lines, references, strict=True)
            )
            for weight in WEIGHTS
        ]
        return WEIGHTS[int(np.argmin(errors))]

    def _score(self, characters: Sequence[str], weight: float) -> Score:
        rows: dict[int, list[float]] = {}
        real = characters[1:]

        def score(before: int, after: int) -> float:
            if before == BLANK:
                return 0.0
            if before not in rows:
                row = self.bigrams.probabilities([characters[before]], real, self.smoothing, len(real))[0]
                with np.errstate(divide="ignore"):
                    rows[before] = (weight * np.log(len(real) * row)).tolist()
            return rows[before][after - 1]

        return score


def _grown(beam: Beam, row: Sequence[float], added: Sequence[int], score: Score | None) -> Beam:
    """The prefixes after one more frame, which repeats the last character, is blank, or adds a character."""
    grown: Beam = {}

    def add(prefix: tuple[int, ...], blank: float, character: float, language: float) -> None:
        before = grown.get(prefix)
        if before is not None:
            blank, character = _log_add(before[0], blank), _log_add(before[1], character)
        grown[prefix] = blank, character, language

    for prefix, (blank, character, language) in beam.items():
        last, either = prefix[-1] if prefix else BLANK, _log_add(blank, character)
        again = character + row[last] if prefix else IMPOSSIBLE
        add(prefix, either + row[BLANK], again, language)
        for index in added:
            more = 0.0 if score is None else score(last, index)
            add(
                (*prefix, index),
                IMPOSSIBLE,
                (blank if index == last else either) + row[index],
                language + more,
            )
    return grown


def _total(entry: tuple[float, float, float]) -> float:
    return _log_add(entry[0], entry[1]) + entry[2]


def _log_add(one: float, other: float) -> float:
    high, low = (one, other) if one >= other else (other, one)
    return high if low == IMPOSSIBLE else high + math.log1p(math.exp(low - high))
