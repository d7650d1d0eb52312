"""Softmax over the target and noise classes."""

from __future__ import annotations

from typing import Literal

from nlpx.components.losses.base import Term, Values
from nlpx.components.losses.sampled_loss import SampledLoss
from nlpx.core.lazy import ops, tf

FAR = 1e9
"""Used instead of infinity, which would give undefined gradients."""


class SampledSoftmax(SampledLoss):
    """Softmax over the target and K classes drawn at random: -log( e^z_t / (e^z_t + sum_(n != t) e^z_n) ).

    z_k = s_k - log(K q_k)

    This removes the effect of the noise distribution; with uniform noise it is s_k less a constant, as in the
    original.

    Options: none of its own.
    Shapes: hidden (..., D), output embedding (U, D), output bias (U,), targets (...) int, mask (...) bool ->
        sum and number of positions.
    Data: one label per position, of thousands of classes.
    Relations: equals cross_entropy with `negatives: all`. Time and memory per position are proportional to K
        instead of U, but more updates are needed, and the value is no likelihood: compare by the metric nll.
        For the head softmax. nce gives log Z, negative_sampling word vectors.
    Reference: Jean et al. 2015, arXiv 1412.2007; kexue.fm archives 4402 and 4515.
    Example:
        loss: {type: sampled_softmax, negatives: 256}
    """

    type: Literal["sampled_softmax"] = "sampled_softmax"

    def terms(self, values: Values, step: tf.Tensor | int) -> dict[str, Term]:
        log_noise, target = self.log_noise(values), values["target"]
        drawn = self.drawn_for(values, log_noise, step)
        own, noise = self.target_scores(values), self.scores(values, drawn)
        if self.negatives != "all":
            own = own - tf.gather(log_noise, target)
            noise = noise - tf.gather(log_noise, drawn)
        others = ops.where(drawn == target[..., None], -FAR, noise)
        losses = ops.logsumexp(ops.concatenate([own[..., None], others], -1), -1) - own
        real = ops.cast(values["mask"], "float32")
        return {"loss": Term(ops.sum(losses * real), ops.sum(real))}
