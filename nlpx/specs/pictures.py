"""Components of classifiers of pictures: their loss, decoder and metrics."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from nlpx.core.options import NonNegativeFloat, PositiveInt, Rate
from nlpx.specs.decoders import DecoderSpec
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
        return "pictures"


class Blend(DecoderSpec):
    """The most probable classes under a mixture of both heads: p = alpha p_main + (1 - alpha) p_aux.

    Options:
        alpha: share of the main head. Empty: 1 while training goes on, and then what makes the most answers
            right on the split valid (of 0, .01, ..., 1; of equals the greatest); it is kept in the run.
        top: how many classes an answer names.
    Shapes: log-probabilities (B, U) twice -> probabilities (B, U).
    Data: pictures.
    Relations: with alpha 1 the auxiliary head only regularizes.
    Reference: kexue.fm archive 4611.
    Example:
        decode: {type: blend, top: 5}
    """

    implementation: ClassVar[str] = "nlpx.decoding.blend:BlendDecoder"
    needs: ClassVar[frozenset[str]] = frozenset({"logits", "auxiliary_logits"})

    type: Literal["blend"] = "blend"
    alpha: Annotated[float, Field(ge=0, le=1)] | None = None
    top: PositiveInt = 5
