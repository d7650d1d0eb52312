"""The writer that learns headlines."""

from __future__ import annotations

from nlpx.models.seq2seq import build_seq2seq
from nlpx.models.writing import Seq2SeqProblem
from nlpx.specs.codec import Vocabularies
from nlpx.tasks.title.codec import TitleCodec


def title_learner(codec: TitleCodec, vocabularies: Vocabularies) -> Seq2SeqProblem:
    """A writer with fresh weights."""
    model = build_seq2seq(codec.experiment.model, len(codec.spelling(vocabularies)))
    return Seq2SeqProblem(model, codec.experiment.loss)
