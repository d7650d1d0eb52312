"""Couplets (对联): character i of the lower line answers character i of the upper line."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np

from nlpx.data.rows import Pair
from nlpx.decoding.base import CoupletDecoder
from nlpx.metrics.examples import CoupletExample
from nlpx.registry import build
from nlpx.specs.tasks.couplet import Couplet
from nlpx.tasks.base import Answer, Answerer, Vocabularies
from nlpx.tasks.features import Features
from nlpx.tasks.tagging import Score, TaggingTask, score_pieces
from nlpx.text.pieces import cut
from nlpx.text.vocabulary import Vocabulary

if TYPE_CHECKING:
    from nlpx.models.tagger import TaggingProblem

LONGEST_LINE = 256
"""Longer lines are answered in pieces, cut at punctuation."""


class CoupletTask(TaggingTask[Pair, CoupletExample]):
    """Upper line in, lower line of the same length out."""

    experiment: Couplet

    def __init__(self, experiment: Couplet) -> None:
        super().__init__(experiment, experiment.model)

    def check(self, row: Pair) -> str | None:
        if len(row.first) != len(row.second):
            return (
                f"the upper line has {len(row.first)} characters and the lower {len(row.second)}; "
                f"both must have the same number: {row.first} / {row.second}"
            )
        return None

    def count(self, row: Pair) -> Mapping[str, Iterable[str]]:
        upper = self.normalizer.normalize(row.first)
        lower = self.normalizer.normalize(row.second)
        return {**self.tokens(upper), "char": [*upper, *lower]}

    def encode(self, row: Pair, vocabularies: Vocabularies) -> list[dict[str, np.ndarray]]:
        return [self.pair_features(row, vocabularies)] if self.keeps(row) else []

    def keeps(self, row: Pair) -> bool:
        return len(row.first) <= self.experiment.data.max_length

    def keys(self, row: Pair) -> Iterable[str]:
        return (row.first,)

    def pair_features(self, row: Pair, vocabularies: Vocabularies) -> Features:
        """Features of the upper line and the ids of the lower line as `target`."""
        features = self.features(self.normalizer.normalize(row.first), vocabularies)
        target = vocabularies["char"].ids(self.normalizer.normalize(row.second))
        return {**features, "target": target}

    @property
    def head_context(self) -> Mapping[str, object]:
        return {}

    def answers(self, vocabularies: Vocabularies) -> int:
        return len(vocabularies["char"])

    def answerer(self, problem: TaggingProblem, vocabularies: Vocabularies) -> CoupletAnswerer:
        return CoupletAnswerer(self, problem, vocabularies)

    def describe(self, example: CoupletExample) -> str:
        return f"{example.upper} → {example.answer}  (reference {example.reference})"

    badness_is = "nll per character"

    def badness(self, example: CoupletExample) -> float:
        return example.nll / max(example.characters, 1)


class CoupletAnswerer(Answerer[Pair, CoupletExample]):
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

    def answer(self, texts: Sequence[str]) -> list[Answer]:
        pieces = [cut(text, LONGEST_LINE) for text in texts]
        flat = [piece for row in pieces for piece in row]
        task = self._task
        features = [task.features(task.normalizer.normalize(piece), self._vocabularies) for piece in flat]
        lowers = [""] * len(flat)
        for index, lower, _ in self._decoded(flat, features, self._problem.scores):
            lowers[index] = lower
        parts = iter(lowers)
        whole = ["".join(islice(parts, len(row))) for row in pieces]
        return [Answer(lower, {"lower": lower}) for lower in whole]

    def examples(self, rows: Sequence[Pair], known: Container[str]) -> list[CoupletExample]:
        features = [self._task.pair_features(row, self._vocabularies) for row in rows]
        uppers = [row.first for row in rows]
        examples = {
            index: self._example(rows[index], lower, nll, known)
            for index, lower, nll in self._decoded(uppers, features, self._problem.scores_and_nll)
        }
        return [examples[index] for index in range(len(rows))]

    def _decoded(
        self, uppers: Sequence[str], features: Sequence[Features], score: Score
    ) -> Iterator[tuple[int, str, float]]:
        """Index, lower line and NLL of every line that is not empty."""
        batch_size = self._task.experiment.train.evaluation_batch_size
        tokens = self._characters.tokens
        for batch in score_pieces(features, score, batch_size, len(tokens)):
            for row, (index, length) in enumerate(zip(batch.rows, batch.lengths, strict=True)):
                lower = self._decoder.decode(uppers[index], batch.scores[row, :length], tokens)
                yield index, lower, float(batch.nll[row])

    @staticmethod
    def _example(row: Pair, lower: str, nll: float, known: Container[str]) -> CoupletExample:
        seen = "seen" if row.first in known else "unseen"
        return CoupletExample(
            upper=row.first,
            reference=row.second,
            answer=lower,
            nll=nll,
            characters=len(row.first),
            group=(row.group, seen) if row.group else (seen,),
        )
