"""The tagger that learns lower lines."""

from __future__ import annotations

from nlpx.models.tagger import TaggingProblem, build_tagger
from nlpx.specs.codec import Vocabularies
from nlpx.tasks.couplet.codec import CoupletCodec


def couplet_learner(codec: CoupletCodec, vocabularies: Vocabularies) -> TaggingProblem:
    """A tagger with fresh weights, whose answers are the characters of the vocabulary."""
    model = codec.experiment.model
    sizes = {name: len(vocabularies[name]) for name in codec.min_counts}
    characters = sizes.pop("char")
    tagger = build_tagger(
        model, model.head, characters=characters, answers=characters, ngram_sizes=sizes, head_context={}
    )
    return TaggingProblem(tagger, codec.experiment.loss)
