"""Diagonal normal distribution."""

from __future__ import annotations

from typing import Literal

from nlpx.components.posteriors.base import Posterior


class Gaussian(Posterior):
    """Diagonal normal distribution: q(z | x) = N(mean(h), diag exp(log_var(h))), two dense layers.

    Options: none.
    Shapes: (B, D) -> mean and log_var, (B, units) float32 each.
    Data: pooled encodings.
    Relations: may collapse to the prior if the weight of the reconstruction is too small, see loss/elbo.
    Reference: Kingma and Welling 2014, arXiv 1312.6114; kexue.fm archives 5253 and 5332.
    Example:
        model:
          posterior: gaussian
    """

    type: Literal["gaussian"] = "gaussian"
