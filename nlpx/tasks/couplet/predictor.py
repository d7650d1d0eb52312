"""Predictor of the task couplet."""

from __future__ import annotations

from collections.abc import Container, Sequence
from itertools import islice
from typing import TYPE_CHECKING

from nlpx.components.decoders.line import LineDecoder
from nlpx.data.codec import Vocabularies
from nlpx.data.pieces import Score, score_pieces
from nlpx.data.records import Pair
from nlpx.specs.predictor import Prediction, Predictor
from nlpx.tasks.couplet.codec import CoupletCodec
from nlpx.tasks.couplet.config import Couplet
from nlpx.tasks.couplet.example import CoupletExample
from nlpx.tasks.text_codec import Features
from nlpx.text.blanks import with_blanks_of, without_blanks
from nlpx.text.pieces import cut
from nlpx.text.vocabulary import Vocabulary

if TYPE_CHECKING:
    from nlpx.models.tagger import TaggingLearner

LONGEST_LINE = 256
"""Longer lines are split at punctuation and completed in pieces."""


class CoupletPredictor(Predictor[Pair, CoupletExample]):
    """A trained tagger with a couplet decoder."""

    def __init__(
        self, experiment: Couplet, codec: CoupletCodec, learner: TaggingLearner, vocabularies: Vocabularies
    ) -> None:
        self._experiment = experiment
        self._codec = codec
        self._decoder = LineDecoder.of(experiment.decode)
        self._learner = learner
        self._vocabularies = vocabularies
        self._characters: Vocabulary = vocabularies["char"]

    def predict(self, texts: Sequence[str]) -> list[Prediction]:
        pieces = [cut(without_blanks(text), LONGEST_LINE) for text in texts]
        flat = [piece for row in pieces for piece in row]
        codec = self._codec
        features = [codec.features(codec.normalized(piece), self._vocabularies) for piece in flat]
        parts = (lower for lower, _ in self._decoded(flat, features, self._learner.scores))
        lowers = ["".join(islice(parts, len(row))) for row in pieces]
        whole = [with_blanks_of(text, lower) for text, lower in zip(texts, lowers, strict=True)]
        return [Prediction(lower, {"lower": lower}) for lower in whole]

    def examples(self, rows: Sequence[Pair], known: Container[str]) -> list[CoupletExample]:
        features = [self._codec.pair_features(row, self._vocabularies) for row in rows]
        uppers = [without_blanks(row.first) for row in rows]
        decoded = self._decoded(uppers, features, self._learner.scores_and_nll)
        return [
            self._example(row, upper, lower, nll, known)
            for row, upper, (lower, nll) in zip(rows, uppers, decoded, strict=True)
        ]

    def _decoded(
        self, uppers: Sequence[str], features: Sequence[Features], score: Score
    ) -> list[tuple[str, float]]:
        """Lower line and NLL of lines without blanks; an empty string and 0 for an empty line."""
        batch_size = self._experiment.train.evaluation_batch_size
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
