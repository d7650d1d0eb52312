"""Learner of the task poem."""

from __future__ import annotations

from nlpx.data.codec import Vocabularies
from nlpx.models.vae import AutoencoderLearner, VariationalAutoencoder
from nlpx.tasks.poem.codec import PoemCodec
from nlpx.tasks.poem.config import Poem


def poem_learner(experiment: Poem, codec: PoemCodec, vocabularies: Vocabularies) -> AutoencoderLearner:
    """A variational autoencoder with fresh weights."""
    characters = len(vocabularies["char"])
    model = VariationalAutoencoder(experiment.model, characters=characters, length=codec.length)
    return AutoencoderLearner(model, experiment.loss)
