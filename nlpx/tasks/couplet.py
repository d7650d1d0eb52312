"""Couplets (对联): character i of the lower line answers character i of the upper line, a blank a blank."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np

from nlpx.core.build import build
from nlpx.data.rows import Pair
from nlpx.decoding.base import CoupletDecoder
from nlpx.specs.tasks.couplet import Couplet
from nlpx.tasks.base import Prediction, Predictor, Vocabularies
from nlpx.tasks.examples import CoupletExample
from nlpx.tasks.features import Features
from nlpx.tasks.tagging import Score, TaggingTask, score_pieces
from nlpx.text.blanks import blank_places, with_blanks_of, without_blanks
from nlpx.text.pieces import cut
from nlpx.text.vocabulary import Vocabulary

if TYPE_CHECKING:
    from nlpx.models.tagger import TaggingProblem

LONGEST_LINE = 256
"""Longer lines are answered in pieces, cut at punctuation."""


class CoupletTask(TaggingTask[Pair, CoupletExample]):
    """Upper line in, lower line of the same length out. The model sees neither with its blanks."""

    experiment: Couplet

    def __init__(self, experiment: Couplet) -> None:
        super().__init__(experiment, experiment.model)

    def check(self, row: Pair) -> str | None:
        upper, lower = len(without_blanks(row.first)), len(without_blanks(row.second))
        if upper != lower:
            return (
                f"the upper line has {upper} characters and the lower {lower}; "
                f"both must have the same number: {row.first} / {row.second}"
            )
        if blank_places(row.first) != blank_places(row.second):
            return (
                "the two lines have blanks at different places; put each blank against another, or set "
                f"data.source.blanks: true to drop them all: {row.first} / {row.second}"
            )
        return None

    def settings(self) -> str:
        return f"{super().settings()} without blanks"

    def count(self, row: Pair) -> Mapping[str, Iterable[str]]:
        upper, lower = self.normalized(row.first), self.normalized(row.second)
        return {**self.tokens(upper), "char": [*upper, *lower]}

    def encode(self, row: Pair, vocabularies: Vocabularies) -> list[dict[str, np.ndarray]]:
        return [self.pair_features(row, vocabularies)] if self.keeps(row) else []

    def keeps(self, row: Pair) -> bool:
        return len(without_blanks(row.first)) <= self.experiment.data.max_length

    def keys(self, row: Pair) -> Iterable[str]:
        return (without_blanks(row.first),)

    def normalized(self, line: str) -> str:
        """A line as the model sees it: without blanks, its characters mapped."""
        return self.normalizer.normalize(without_blanks(line))

    def pair_features(self, row: Pair, vocabularies: Vocabularies) -> Features:
        """Features of the upper line and the ids of the lower line as `target`."""
        features = self.features(self.normalized(row.first), vocabularies)
        target = vocabularies["char"].ids(self.normalized(row.second))
        return {**features, "target": target}

    @property
    def head_context(self) -> Mapping[str, object]:
        return {}

    def answers(self, vocabularies: Vocabularies) -> int:
        return len(vocabularies["char"])

    def predictor(self, problem: TaggingProblem, vocabularies: Vocabularies) -> CoupletPredictor:
        return CoupletPredictor(self, problem, vocabularies)

    def describe(self, example: CoupletExample) -> str:
        return f"{example.upper} → {example.answer}  (reference {example.reference})"

    severity_is = "nll per character"

    def severity(self, example: CoupletExample) -> float:
        return example.nll / max(example.characters, 1)


class CoupletPredictor(Predictor[Pair, CoupletExample]):
    """A trained tagger behind a couplet decoder."""

    def __init__(self, task: CoupletTask, problem: TaggingProblem, vocabularies: Vocabularies) -> None:
        decoder = build(task.experiment.decode)
        if not isinstance(decoder, CoupletDecoder):
            raise TypeError(f"{task.experiment.decode.type} is not a decoder of couplets")
        self._task = task
        self._decoder = decoder
        self._problem = problem
        self._vocabularies = vocabularies
        self._characters: Vocabulary = vocabularies["char"]

    def predict(self, texts: Sequence[str]) -> list[Prediction]:
        pieces = [cut(without_blanks(text), LONGEST_LINE) for text in texts]
        flat = [piece for row in pieces for piece in row]
        task = self._task
        features = [task.features(task.normalized(piece), self._vocabularies) for piece in flat]
        parts = (lower for lower, _ in self._decoded(flat, features, self._problem.scores))
        lowers = ["".join(islice(parts, len(row))) for row in pieces]
        whole = [with_blanks_of(text, lower) for text, lower in zip(texts, lowers, strict=True)]
        return [Prediction(lower, {"lower": lower}) for lower in whole]

    def examples(self, rows: Sequence[Pair], known: Container[str]) -> list[CoupletExample]:
        features = [self._task.pair_features(row, self._vocabularies) for row in rows]
        uppers = [without_blanks(row.first) for row in rows]
        decoded = self._decoded(uppers, features, self._problem.scores_and_nll)
        return [
            self._example(row, upper, lower, nll, known)
            for row, upper, (lower, nll) in zip(rows, uppers, decoded, strict=True)
        ]

    def _decoded(
        self, uppers: Sequence[str], features: Sequence[Features], score: Score
    ) -> list[tuple[str, float]]:
        """Lower line and NLL of every line, none of which has a blank; nothing and 0 of an empty one."""
        batch_size = self._task.experiment.train.evaluation_batch_size
        tokens = self._characters.tokens
        decoded = [("", 0.0)] * len(uppers)
        for batch in score_pieces(features, score, batch_size, len(tokens)):
            for row, (index, length) in enumerate(zip(batch.rows, batch.lengths, strict=True)):
                lower = self._decoder.decode(uppers[index], batch.scores[row, :length], tokens)
                decoded[index] = lower, float(batch.nll[row])
        return decoded

    @staticmethod
    def _example(row: Pair, upper: str, lower: str, nll: float, known: Container[str]) -> CoupletExample:
        seen = "seen" if upper in known else "unseen"
        return CoupletExample(
            upper=row.first,
            reference=row.second,
            answer=with_blanks_of(row.first, lower),
            nll=nll,
            characters=len(upper),
            group=(row.group, seen) if row.group else (seen,),
        )
