"""Normal distribution with normalized means."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from nlpx.components.posteriors.base import Posterior


class BatchNorm(Posterior):
    """Normal distribution whose means are normalized over the batch, so that it cannot collapse.

    mean = g_m * BN(m),  g_m = sqrt(tau + (1 - tau) sigmoid(theta)),  g_s = sqrt((1 - tau) sigmoid(-theta))

    BN has neither offset nor scale. The mean square of each mean over a batch is g_m^2, so the average KL is
    at least units * g_m^2 / 2 nats. theta is learned for each dimension.

    Options:
        tau: minimum mean square of the means.
        spread: also normalize the standard deviations, std = g_s * BN(s), so that the mean squares of mean
            and standard deviation add up to 1, as for the prior.
    Shapes: (B, D) -> mean and log_var, (B, units) float32 each.
    Data: pooled encodings; batches of more than one row in training, moving averages afterwards.
    Relations: g_m^2 + g_s^2 = 1. Missing rows of a batch are ignored.
    Reference: kexue.fm archive 7381; Zhu et al. 2020, arXiv 2004.12585.
    Example:
        model:
          posterior: {type: batch_norm, tau: 0.5}
    """

    type: Literal["batch_norm"] = "batch_norm"
    tau: Annotated[float, Field(gt=0, lt=1)] = 0.5
    spread: bool = False
