"""The autoencoder that learns verses."""

from __future__ import annotations

from nlpx.models.vae import AutoencoderLearner, build_autoencoder
from nlpx.specs.codec import Vocabularies
from nlpx.tasks.poem.codec import PoemCodec


def poem_learner(codec: PoemCodec, vocabularies: Vocabularies) -> AutoencoderLearner:
    """A variational autoencoder with fresh weights."""
    characters = len(vocabularies["char"])
    model = build_autoencoder(codec.experiment.model, characters=characters, length=codec.length)
    return AutoencoderLearner(model, codec.experiment.loss)
