"""Learner of the task sentiment."""

from __future__ import annotations

from nlpx.data.codec import Vocabularies
from nlpx.errors import DataError
from nlpx.models.text_classifier import TextClassifier, TextClassifierLearner
from nlpx.tasks.sentiment.codec import LABEL, SentimentCodec, classes
from nlpx.tasks.sentiment.config import Sentiment

SHOWN = 5


def sentiment_learner(
    experiment: Sentiment, codec: SentimentCodec, vocabularies: Vocabularies
) -> TextClassifierLearner:
    """A classifier with fresh weights.

    Raises:
        DataError: the training split has only one class, or too many for the loss.
    """
    found, loss = classes(vocabularies), experiment.loss
    shown = f"{', '.join(found[:SHOWN])}{', ...' if len(found) > SHOWN else ''}"
    if len(found) < 2:
        raise DataError(f"the training split has one class, {shown}. Expected at least two.")
    for _, member in loss.members:
        if len(found) > 2 and "logit" in member.reads:
            raise DataError(
                f"the training split has {len(found)} classes ({shown}), and the loss {member.type} requires "
                "two. Use --set loss=cross_entropy."
            )
    sizes = {name: len(vocabularies[name]) for name in codec.min_counts if name != LABEL}
    model = TextClassifier(
        experiment.model, characters=sizes.pop("char"), ngram_sizes=sizes, classes=len(found)
    )
    return TextClassifierLearner(model, loss)
