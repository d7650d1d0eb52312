"""The writer that learns headlines."""

from __future__ import annotations

from nlpx.models.seq2seq import build_seq2seq
from nlpx.models.writing import Seq2SeqLearner
from nlpx.specs.codec import Vocabularies
from nlpx.tasks.title.codec import TitleCodec


def title_learner(codec: TitleCodec, vocabularies: Vocabularies) -> Seq2SeqLearner:
    """A writer with fresh weights."""
    loss, tokens = codec.experiment.loss, len(codec.spelling(vocabularies))
    model = build_seq2seq(codec.experiment.model, tokens, covered="overlap" in loss.reads)
    return Seq2SeqLearner(model, loss)
