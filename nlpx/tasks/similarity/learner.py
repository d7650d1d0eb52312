"""Learners of the task similarity for groups and scored pairs, and the order of training."""

from __future__ import annotations

from nlpx.components.losses.score_loss import ScoreLoss
from nlpx.data.batching import choose_boundaries
from nlpx.data.codec import Vocabularies
from nlpx.data.group_batches import GroupBatches
from nlpx.data.items import EncodedItems
from nlpx.errors import DataError
from nlpx.models.encoder import SentenceEncoder, SentenceLearner, SentencePairLearner
from nlpx.tasks.similarity.codec import GROUPS, SCORE, GroupCodec, PairCodec
from nlpx.tasks.similarity.config import Similarity


def group_learner(experiment: Similarity, codec: GroupCodec, vocabularies: Vocabularies) -> SentenceLearner:
    """A sentence encoder trained on groups of paraphrases."""
    classes = len(vocabularies[GROUPS]) - 1
    return SentenceLearner(encoder(experiment, codec, vocabularies), experiment.loss, classes)


def pair_learner(experiment: Similarity, codec: PairCodec, vocabularies: Vocabularies) -> SentencePairLearner:
    """A sentence encoder trained on scored pairs."""
    return SentencePairLearner(encoder(experiment, codec, vocabularies), experiment.loss)


def encoder(
    experiment: Similarity, codec: GroupCodec | PairCodec, vocabularies: Vocabularies
) -> SentenceEncoder:
    """The model with fresh weights."""
    sizes = {name: len(vocabularies[name]) for name in codec.min_counts if name != GROUPS}
    return SentenceEncoder(
        experiment.model,
        characters=sizes.pop("char"),
        ngram_sizes=sizes,
        longest=experiment.data.max_length,
    )


def group_batches(experiment: Similarity, items: EncodedItems) -> GroupBatches:
    """Batches with two sentences of each group, for losses that compare them."""
    train = experiment.train
    return GroupBatches(
        items,
        items.arrays[GROUPS],
        train.batch_size,
        sorted(train.buckets or choose_boundaries(items.lengths)),
        experiment.seed,
        train.accumulation,
    )


def check_scores(experiment: Similarity, items: EncodedItems) -> None:
    """Raise DataError if the loss cannot be trained on the scores of the training records."""
    scores = items.arrays[SCORE]
    # Converted via text, so that 0.7 is the decimal number and not the nearest 32-bit number.
    least, greatest = (float(str(score)) for score in (scores.min(), scores.max()))
    for _, loss in experiment.loss.members:
        if isinstance(loss, ScoreLoss) and (misfit := loss.misfit(least, greatest)):
            raise DataError(f"the training split: {misfit}")
