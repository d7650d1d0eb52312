"""Learner of the task couplet."""

from __future__ import annotations

from nlpx.data.codec import Vocabularies
from nlpx.models.tagger import Tagger, TaggingLearner
from nlpx.tasks.couplet.codec import CoupletCodec
from nlpx.tasks.couplet.config import Couplet


def couplet_learner(experiment: Couplet, codec: CoupletCodec, vocabularies: Vocabularies) -> TaggingLearner:
    """A tagger with fresh weights, whose labels are the characters of the vocabulary."""
    model = experiment.model
    sizes = {name: len(vocabularies[name]) for name in codec.min_counts}
    characters = sizes.pop("char")
    tagger = Tagger(model, characters=characters, labels=characters, ngram_sizes=sizes)
    return TaggingLearner(tagger, experiment.loss, vocabularies["char"].counts)
