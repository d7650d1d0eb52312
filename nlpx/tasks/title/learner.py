"""Learner of the task title."""

from __future__ import annotations

from nlpx.data.codec import Vocabularies
from nlpx.models.seq2seq import Seq2Seq
from nlpx.models.writing import Seq2SeqLearner
from nlpx.tasks.title.codec import TitleCodec
from nlpx.tasks.title.config import Title


def title_learner(experiment: Title, codec: TitleCodec, vocabularies: Vocabularies) -> Seq2SeqLearner:
    """A sequence-to-sequence model with fresh weights."""
    loss, tokens = experiment.loss, len(codec.spelling(vocabularies))
    model = Seq2Seq(experiment.model, tokens, covered="overlap" in loss.reads)
    return Seq2SeqLearner(model, loss)
