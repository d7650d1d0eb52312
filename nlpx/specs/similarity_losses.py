"""Losses that put sentences of one meaning close together and all others apart."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from nlpx.core.options import PositiveFloat
from nlpx.specs.losses import LossSpec

Margin = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class SimilarityLossSpec(LossSpec):
    """The base of losses over normalised sentence vectors.

    `classifies` says whether every group of the training rows is a class with a vector of its own; if not,
    batches hold two sentences of each of their groups, to be told from the rest of the batch.
    """

    needs: ClassVar[frozenset[str]] = frozenset({"vector", "group"})
    classifies: ClassVar[bool]

    @property
    def unit(self) -> str:
        return "sentences"


class ClassLossSpec(SimilarityLossSpec):
    """The base of losses with a vector for each group.

    Class vectors are brought to length 1 whenever they are used (`normalized`); or after every update and not
    when they are used (`constrained`, as in the original), so that before the first one their products with
    sentences are no cosines, and gradients also point along them.
    """

    classifies: ClassVar[bool] = True
    structural: ClassVar[frozenset[str]] = frozenset({"type", "class_vectors"})

    class_vectors: Literal["normalized", "constrained"] = "normalized"


class NormalizedSoftmax(ClassLossSpec):
    """Softmax over scaled cosines: L = -log softmax(s * c)_t, c_i = cos(sentence, vector of class i).

    Options:
        scale: s; cosines alone would leave the softmax almost flat.
        class_vectors: brought to length 1 in use (normalized) or after every update (constrained).
    Shapes: cosines (B, classes), classes (B,) -> sum and number of sentences.
    Data: groups of synonyms, each one a class.
    Relations: am_softmax without its margin.
    Reference: Wang et al. 2017, arXiv 1704.06369; kexue.fm archive 5743.
    Example:
        loss: {type: normalized_softmax, scale: 30}
    """

    implementation: ClassVar[str] = "nlpx.losses.margin:NormalizedSoftmax"

    type: Literal["normalized_softmax"] = "normalized_softmax"
    scale: PositiveFloat = 30.0


class AMSoftmax(ClassLossSpec):
    """Additive margin: the cosine with the right class must win by m.

    L = -log( e^(s (c_t - m)) / (e^(s (c_t - m)) + sum_(i != t) e^(s c_i)) )

    Options:
        scale: s.
        margin: m, in cosine.
        class_vectors: brought to length 1 in use (normalized) or after every update (constrained).
    Shapes: cosines (B, classes), classes (B,) -> sum and number of sentences.
    Data: groups of synonyms, each one a class.
    Relations: the loss of the original; a greater margin gives a greater loss.
    Reference: Wang et al. 2018, arXiv 1801.05599; kexue.fm archive 5743.
    Example:
        loss: {type: am_softmax, margin: 0.35}
    """

    implementation: ClassVar[str] = "nlpx.losses.margin:AMSoftmax"

    type: Literal["am_softmax"] = "am_softmax"
    scale: PositiveFloat = 30.0
    margin: Margin = 0.35


class SimplerASoftmax(ClassLossSpec):
    """Angular margin without cases: c_t becomes min(cos(4 theta_t), c_t), cos(4 theta) = 8 c^4 - 8 c^2 + 1.

    Options:
        scale: s.
        class_vectors: brought to length 1 in use (normalized) or after every update (constrained).
    Shapes: cosines (B, classes), classes (B,) -> sum and number of sentences.
    Data: groups of synonyms, each one a class.
    Relations: simpler than A-softmax, which continues cos(4 theta) piece by piece.
    Reference: kexue.fm archive 5743; A-softmax: Liu et al. 2017, arXiv 1704.08063.
    Example:
        loss: simpler_a_softmax
    """

    implementation: ClassVar[str] = "nlpx.losses.margin:SimplerASoftmax"

    type: Literal["simpler_a_softmax"] = "simpler_a_softmax"
    scale: PositiveFloat = 30.0


class ArcFace(ClassLossSpec):
    """Additive angular margin: c_t becomes cos(theta_t + m), or c_t - m sin m where that would rise again.

    Options:
        scale: s.
        margin: m, in radians, at most pi / 2.
        class_vectors: brought to length 1 in use (normalized) or after every update (constrained).
    Shapes: cosines (B, classes), classes (B,) -> sum and number of sentences.
    Data: groups of synonyms, each one a class.
    Relations: without a margin it is normalized_softmax.
    Reference: Deng et al. 2019, arXiv 1801.07698.
    Example:
        loss: {type: arcface, margin: 0.3}
    """

    implementation: ClassVar[str] = "nlpx.losses.margin:ArcFace"

    type: Literal["arcface"] = "arcface"
    scale: PositiveFloat = 30.0
    margin: Annotated[float, Field(ge=0, le=1.57)] = 0.3


class InBatch(SimilarityLossSpec):
    """Every sentence finds its partner among the batch: softmax over scaled cosines.

    L_i = -log( e^(s c_ip) / (e^(s c_ip) + sum_n e^(s c_in)) ), p a sentence of the same group, n those of
    others; itself and further sentences of its group are left out, several p are averaged.

    Options:
        scale: s, the reciprocal of a temperature.
    Shapes: vectors (B, D), groups (B,) -> sum and number of sentences with a partner.
    Data: groups with two sentences or more; batches hold two sentences of each of their groups.
    Relations: needs no class vectors, so the number of groups does not matter; a greater batch gives more to
        tell apart.
    Reference: kexue.fm archive 7427; van den Oord et al. 2018, arXiv 1807.03748.
    Example:
        loss: {type: in_batch, scale: 20}
    """

    implementation: ClassVar[str] = "nlpx.losses.contrastive:InBatch"
    classifies: ClassVar[bool] = False

    type: Literal["in_batch"] = "in_batch"
    scale: PositiveFloat = 20.0


class Triplet(SimilarityLossSpec):
    """The farthest sentence of the group must be nearer than the nearest of another: max(0, m + c_n - c_p).

    c_p is the least cosine with a sentence of the same group in the batch, c_n the greatest with one of
    another.

    Options:
        margin: m, in cosine.
    Shapes: vectors (B, D), groups (B,) -> sum and number of sentences with a partner.
    Data: groups with two sentences or more; batches hold two sentences of each of their groups.
    Relations: learns from one other sentence at a time, in_batch from all.
    Reference: Hermans et al. 2017, arXiv 1703.07737 (batch hard).
    Example:
        loss: {type: triplet, margin: 0.2}
    """

    implementation: ClassVar[str] = "nlpx.losses.contrastive:Triplet"
    classifies: ClassVar[bool] = False

    type: Literal["triplet"] = "triplet"
    margin: Margin = 0.2
