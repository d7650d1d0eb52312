"""Posteriors: what a variational autoencoder believes about the latent vector of a row."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from nlpx.core.component import Split


class PosteriorSpec(Split):
    """The base of every posterior. `units` (how wide the latent vector is) comes from the model."""

    kind: ClassVar[str] = "posterior"


Posterior = PosteriorSpec


class Gaussian(PosteriorSpec):
    """Diagonal normal distribution: q(z | x) = N(mean(h), diag exp(log_var(h))), two dense layers.

    Options: none.
    Shapes: (B, D) -> mean and log_var, (B, units) float32 each.
    Data: pooled encodings.
    Relations: may collapse to the prior where the loss weighs reconstruction too little: loss/elbo.
    Reference: Kingma and Welling 2014, arXiv 1312.6114; kexue.fm archives 5253 and 5332.
    Example:
        model:
          posterior: gaussian
    """

    implementation: ClassVar[str] = "nlpx.layers.posterior:GaussianPosterior"

    type: Literal["gaussian"] = "gaussian"


class BatchNorm(PosteriorSpec):
    """Normal distribution whose means are normalized over the batch, so that it cannot collapse.

    mean = g_m * BN(m),  g_m = sqrt(tau + (1 - tau) sigmoid(theta)),  g_s = sqrt((1 - tau) sigmoid(-theta))

    BN has neither offset nor scale. Over a batch the mean square of each mean is g_m^2, so that the KL is at
    least units * g_m^2 / 2 nats in the mean; theta is learned, one a dimension.

    Options:
        tau: least mean square of the means.
        spread: normalize the standard deviations too, std = g_s * BN(s), so that mean squares of mean and
            deviation add up to 1, those of the prior.
    Shapes: (B, D) -> mean and log_var, (B, units) float32 each.
    Data: pooled encodings; batches of more than one row in training, moving averages afterwards.
    Relations: g_m^2 + g_s^2 = 1. Missing rows of a batch count for nothing.
    Reference: kexue.fm archive 7381; Zhu et al. 2020, arXiv 2004.12585.
    Example:
        model:
          posterior: {type: batch_norm, tau: 0.5}
    """

    implementation: ClassVar[str] = "nlpx.layers.posterior:BatchNormPosterior"

    type: Literal["batch_norm"] = "batch_norm"
    tau: Annotated[float, Field(gt=0, lt=1)] = 0.5
    spread: bool = False
