"""The tagger that learns to cut texts into words."""

from __future__ import annotations

from nlpx.components.heads.crf import CRF
from nlpx.models.tagger import TaggingProblem, build_tagger
from nlpx.specs.codec import Vocabularies
from nlpx.tasks.segmentation.codec import LEVELS, SegmentationCodec
from nlpx.text.lexicon import BITS, FIELDS
from nlpx.text.tags import LEGAL_START, LEGAL_STOP, LEGAL_TRANSITIONS, TAGS


def segmentation_learner(codec: SegmentationCodec, vocabularies: Vocabularies) -> TaggingProblem:
    """A tagger with fresh weights; a constrained CRF knows the legal transitions."""
    model, lexicon = codec.experiment.model, codec.experiment.model.embedding.lexicon
    legal = {"transition_mask": LEGAL_TRANSITIONS, "start_mask": LEGAL_START, "stop_mask": LEGAL_STOP}
    layout = None if lexicon is None else {"fields": FIELDS, "bits": BITS, "dropout": lexicon.dropout}
    sizes = {name: len(vocabularies[name]) for name in codec.min_counts}
    tagger = build_tagger(
        model,
        model.head,
        characters=sizes.pop("char"),
        answers=len(TAGS),
        ngram_sizes=sizes,
        head_context=legal if isinstance(model.head, CRF) and model.head.constrain else {},
        packed=None if layout is None else (LEVELS, layout),
    )
    return TaggingProblem(tagger, codec.experiment.loss)
