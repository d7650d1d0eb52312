"""Two heads and the centres of classes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import PrivateAttr

from nlpx.components.losses.base import Loss, Term, Values
from nlpx.core.lazy import tf
from nlpx.core.options import NonNegativeFloat, Rate

if TYPE_CHECKING:
    from keras.layers import Layer
    from tensorflow import Tensor


class CentredCrossEntropy(Loss):
    """Cross entropy of two heads, and the distance of a feature to the centre of its class.

    loss = mean(CE_main + a CE_aux + b |f - C_y|^2), the distance summed over the feature's elements

    Options:
        auxiliary: a.
        centre: b; the centres C, one for each class, are learnt by the same optimizer.
        label_smoothing: e in the target distribution (1 - e) * one-hot + e * uniform of both heads.
    Shapes: logits (B, U) twice, features (B, D), labels (B,) int -> three sums and the number of images.
    Data: one class an image.
    Relations: batches with two images of a class (train.order: pairs) give the centres a pull.
    Reference: kexue.fm archives 4493 and 4611; Wen et al. 2016.
    Example:
        loss: {type: centred_cross_entropy, auxiliary: 0.25, centre: 0.25}
    """

    needs: ClassVar[frozenset[str]] = frozenset({"logits", "auxiliary_logits", "feature", "target"})
    counts: ClassVar[str] = "images"

    type: Literal["centred_cross_entropy"] = "centred_cross_entropy"
    auxiliary: NonNegativeFloat = 0.25
    centre: NonNegativeFloat = 0.25
    label_smoothing: Rate = 0.0

    _centres: Any = PrivateAttr(None)

    def build(self, sizes: Mapping[str, int]) -> None:
        from nlpx.layers.class_centres import ClassCentres

        self._centres = ClassCentres(sizes["classes"], name="centres")
        self._centres.build((None, sizes["width"]))

    @property
    def layers(self) -> list[Layer]:
        return [] if self._centres is None else [self._centres]

    def terms(self, values: Values, step: Tensor | int) -> dict[str, Term]:
        labels, real = values["target"], tf.cast(values["mask"], tf.float32)
        images = tf.reduce_sum(real)

        def term(losses: Tensor, coefficient: float = 1.0) -> Term:
            return Term(tf.reduce_sum(losses * real), images, coefficient)

        return {
            "main": term(self.cross_entropy(values["logits"], labels)),
            "auxiliary": term(self.cross_entropy(values["auxiliary_logits"], labels), self.auxiliary),
            "centre": term(self._centres(values["feature"], labels), self.centre),
        }

    def cross_entropy(self, logits: Tensor, labels: Tensor) -> Tensor:
        """-sum_u q(u) log p(u) under the smoothed target q, (B,) in nats."""
        log_p = tf.nn.log_softmax(logits)
        target = tf.gather(log_p, labels, axis=-1, batch_dims=1)
        uniform = tf.reduce_mean(log_p, axis=-1)
        return -((1.0 - self.label_smoothing) * target + self.label_smoothing * uniform)
