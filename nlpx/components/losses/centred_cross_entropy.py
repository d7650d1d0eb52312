"""Cross entropy of two heads with center loss."""

from __future__ import annotations

from typing import ClassVar, Literal

from nlpx.components.losses.base import Term, Values
from nlpx.components.losses.centre_loss import CentreLoss
from nlpx.components.varying import Varying, now
from nlpx.core.lazy import tf
from nlpx.core.options import NonNegativeFloat, Rate


class CentredCrossEntropy(CentreLoss):
    """Cross entropy of two heads, and the squared distance of the feature to the centre of its class.

    loss = mean(CE_main + a CE_aux + b |f - C_y|^2), with the distance summed over elements of the feature

    Options:
        auxiliary: a.
        centre: b; the class centres C are trained by the same optimizer.
        label_smoothing: e in the target distribution (1 - e) * one-hot + e * uniform, for both heads.
    Shapes: logits (B, U) twice, features (B, D), labels (B,) int -> three sums and the number of images.
    Data: images with one class each.
    Relations: use batches with two images per class (train.order: pairs) for the class centres.
    Reference: kexue.fm archives 4493 and 4611; Wen et al. 2016.
    Example:
        loss: {type: centred_cross_entropy, auxiliary: 0.25, centre: 0.25}
    """

    needs: ClassVar[frozenset[str]] = frozenset({"logits", "auxiliary_logits", "feature", "target"})
    counts: ClassVar[str] = "images"

    type: Literal["centred_cross_entropy"] = "centred_cross_entropy"
    auxiliary: Varying[NonNegativeFloat] = 0.25
    centre: Varying[NonNegativeFloat] = 0.25
    label_smoothing: Varying[Rate] = 0.0

    def terms(self, values: Values, step: tf.Tensor | int) -> dict[str, Term]:
        labels, real = values["target"], tf.cast(values["mask"], tf.float32)
        images = tf.reduce_sum(real)

        def term(losses: tf.Tensor, coefficient: float | tf.Tensor = 1.0) -> Term:
            return Term(tf.reduce_sum(losses * real), images, coefficient)

        return {
            "main": term(self.cross_entropy(values["logits"], labels)),
            "auxiliary": term(self.cross_entropy(values["auxiliary_logits"], labels), now(self.auxiliary)),
            "centre": term(self.distances(values["feature"], labels), now(self.centre)),
        }

    def cross_entropy(self, logits: tf.Tensor, labels: tf.Tensor) -> tf.Tensor:
        """-sum_u q(u) log p(u) with the smoothed target q, (B,) in nats."""
        log_p = tf.nn.log_softmax(logits)
        target = tf.gather(log_p, labels, axis=-1, batch_dims=1)
        uniform = tf.reduce_mean(log_p, axis=-1)
        smoothing = now(self.label_smoothing)
        return -((1.0 - smoothing) * target + smoothing * uniform)
