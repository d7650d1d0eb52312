"""The autoencoder that learns verses."""

from __future__ import annotations

from nlpx.models.vae import AutoencoderProblem, build_autoencoder
from nlpx.specs.codec import Vocabularies
from nlpx.specs.losses import ELBO
from nlpx.tasks.poem.codec import PoemCodec


def poem_learner(codec: PoemCodec, vocabularies: Vocabularies) -> AutoencoderProblem:
    """A variational autoencoder with fresh weights."""
    loss = codec.experiment.loss
    model = build_autoencoder(
        codec.experiment.model,
        characters=len(vocabularies["char"]),
        length=codec.length,
        counts=isinstance(loss, ELBO) and loss.anneal > 0,
    )
    return AutoencoderProblem(model, loss)
