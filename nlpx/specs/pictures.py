"""The loss of classifiers of images."""

from __future__ import annotations

from typing import ClassVar, Literal

from nlpx.core.options import NonNegativeFloat, Rate
from nlpx.specs.losses import LossSpec


class CentredCrossEntropy(LossSpec):
    """Cross entropy of two heads, and the distance of a feature to the centre of its class.

    loss = mean(CE_main + a CE_aux + b |f - C_y|^2), the distance summed over the feature's elements

    Options:
        auxiliary: a.
        centre: b; the centres C, one for each class, are learnt by the same optimizer.
        label_smoothing: e in the target distribution (1 - e) * one-hot + e * uniform of both heads.
    Shapes: logits (B, U) twice, squared distances (B,), labels (B,) int -> sum and number of pictures.
    Data: one class a picture.
    Relations: batches with two pictures of a class (train.order: pairs) give the centres a pull.
    Reference: kexue.fm archives 4493 and 4611; Wen et al. 2016.
    Example:
        loss: {type: centred_cross_entropy, auxiliary: 0.25, centre: 0.25}
    """

    implementation: ClassVar[str] = "nlpx.losses.centred_cross_entropy:CentredCrossEntropy"
    needs: ClassVar[frozenset[str]] = frozenset({"logits", "auxiliary_logits", "feature", "target"})

    type: Literal["centred_cross_entropy"] = "centred_cross_entropy"
    auxiliary: NonNegativeFloat = 0.25
    centre: NonNegativeFloat = 0.25
    label_smoothing: Rate = 0.0

    @property
    def unit(self) -> str:
        return "images"
