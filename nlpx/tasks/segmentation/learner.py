"""Learner of the task segmentation."""

from __future__ import annotations

from nlpx.data.codec import Vocabularies
from nlpx.models.tagger import Tagger, TaggingLearner
from nlpx.tasks.segmentation.codec import LEVELS, SegmentationCodec
from nlpx.tasks.segmentation.config import Segmentation
from nlpx.text.spans import DEPTH
from nlpx.text.tags import LEGAL_START, LEGAL_STOP, LEGAL_TRANSITIONS, TAGS


def segmentation_learner(
    experiment: Segmentation, codec: SegmentationCodec, vocabularies: Vocabularies
) -> TaggingLearner:
    """A tagger with fresh weights, whose labels are word tags."""
    model, lexicon = experiment.model, experiment.model.embedding.lexicon
    legal = {"transition_mask": LEGAL_TRANSITIONS, "start_mask": LEGAL_START, "stop_mask": LEGAL_STOP}
    layout = (
        None if lexicon is None else {"fields": lexicon.fields, "depth": DEPTH, "dropout": lexicon.dropout}
    )
    sizes = {name: len(vocabularies[name]) for name in codec.min_counts}
    tagger = Tagger(
        model,
        characters=sizes.pop("char"),
        labels=len(TAGS),
        ngram_sizes=sizes,
        legal=legal,
        levels=None if layout is None else (LEVELS, layout),
    )
    return TaggingLearner(tagger, experiment.loss)
