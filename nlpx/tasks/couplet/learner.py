"""The tagger that learns lower lines."""

from __future__ import annotations

from nlpx.models.tagger import TaggingLearner, build_tagger
from nlpx.specs.codec import Vocabularies
from nlpx.tasks.couplet.codec import CoupletCodec


def couplet_learner(codec: CoupletCodec, vocabularies: Vocabularies) -> TaggingLearner:
    """A tagger with fresh weights, whose labels are the characters of the vocabulary."""
    model = codec.experiment.model
    sizes = {name: len(vocabularies[name]) for name in codec.min_counts}
    characters = sizes.pop("char")
    tagger = build_tagger(model, characters=characters, labels=characters, ngram_sizes=sizes)
    return TaggingLearner(tagger, codec.experiment.loss)
