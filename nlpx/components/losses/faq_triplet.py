"""Triplet loss with a linear map of questions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import PrivateAttr

from nlpx.components.losses.base import Term, Values
from nlpx.components.losses.class_loss import Margin
from nlpx.components.losses.group_loss import GroupLoss
from nlpx.components.varying import Varying, now
from nlpx.core.lazy import keras, ops, tf
from nlpx.layers.unit import unit


class FaqTriplet(GroupLoss):
    """A question must be closer to its reply than to another one: max(0, m + cos(W q, a-) - cos(W q, a+)).

    Only the question is mapped by W. Every sentence q of a batch is a question, its partners are the right
    replies a+, the sentences of other groups the wrong ones a-; the loss of q is the mean over all pairs of
    a right and a wrong reply, which is what a wrong reply drawn at random gives on average.

    Options:
        margin: m, in cosine.
    Shapes: vectors (B, D), groups (B,) -> sum and number of sentences with a partner and another group.
    Data: groups of at least two sentences; batches contain two sentences of each of their groups.
    Relations: for questions that resemble one another more than they resemble their replies. W starts as the
        identity and belongs to the objective: searching compares vectors without it, so triplet and
        multiple_negatives_ranking fit paraphrases better. Takes B^3 numbers of memory.
    Reference: kexue.fm archive 4493.
    Example:
        loss: {type: faq_triplet, margin: 0.1}
    """

    type: Literal["faq_triplet"] = "faq_triplet"
    margin: Varying[Margin] = 0.1

    _map: Any = PrivateAttr(None)

    def build(self, sizes: Mapping[str, int]) -> None:
        width = sizes["width"]
        options = {"use_bias": False, "kernel_initializer": "identity", "dtype": "float32"}
        self._map = keras.layers.Dense(width, name="question_map", **options)
        self._map.build((None, width))

    @property
    def layers(self) -> list[keras.layers.Layer]:
        return [] if self._map is None else [self._map]

    def terms(self, values: Values, step: tf.Tensor | int) -> dict[str, Term]:
        replies = values["vector"]
        partner, other = (
            ops.cast(mask, "float32") for mask in self.relations(values["group"], values["mask"])
        )
        cosines = ops.matmul(unit(self._map(replies)), ops.transpose(replies))
        losses = ops.relu(now(self.margin) + cosines[:, None] - cosines[:, :, None])
        pairs = ops.sum(partner, 1) * ops.sum(other, 1)
        sums = ops.einsum("ip,in,ipn->i", partner, other, losses)
        asked = ops.cast(pairs > 0, "float32")
        return {"loss": Term(ops.sum(sums / ops.maximum(pairs, 1)), ops.sum(asked))}
