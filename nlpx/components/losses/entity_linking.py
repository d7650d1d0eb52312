"""The joint objective of mention detection and entity ranking."""

from __future__ import annotations

from typing import ClassVar, Literal

from nlpx.components.losses.base import Loss, Term, Values
from nlpx.components.varying import Varying, now
from nlpx.core.lazy import ops, tf
from nlpx.core.options import NonNegativeFloat


class EntityLinking(Loss):
    """Three binary cross entropies: starts of mentions, their ends, and whether an entity is the one meant.

    L = start * mean BCE(s_t) + end * mean BCE(e_tn) + link * mean BCE(r)

    The means are over real positions, over positions with the mentions that may end there, and over texts.

    Options:
        start: coefficient of starts.
        end: coefficient of ends.
        link: coefficient of the ranking.
    Shapes: logits of starts (B, T), of ends (B, T, N), of entities (B,) -> the terms start, end and link.
    Data: texts with mentions; of each, one sampled mention with one sampled entity of its name.
    Relations: for the task linking. With train.accumulation, each term costs a backward pass of its own.
    Reference: kexue.fm archive 6919.
    Example:
        loss: {type: entity_linking, link: 2.0}
    """

    needs: ClassVar[frozenset[str]] = frozenset(
        {
            "start_logit",
            "start_target",
            "end_logit",
            "end_target",
            "end_possible",
            "link_logit",
            "link_target",
            "link_sampled",
        }
    )
    counts: ClassVar[str] = "characters"

    type: Literal["entity_linking"] = "entity_linking"
    start: Varying[NonNegativeFloat] = 1.0
    end: Varying[NonNegativeFloat] = 1.0
    link: Varying[NonNegativeFloat] = 1.0

    def terms(self, values: Values, step: tf.Tensor | int) -> dict[str, Term]:
        real = ops.cast(values["mask"], "float32")
        weights = {
            "start": real,
            "end": ops.cast(values["end_possible"], "float32") * real[..., None],
            "link": ops.cast(values["link_sampled"], "float32") * ops.max(real, -1),
        }
        return {
            name: _term(values[f"{name}_logit"], values[f"{name}_target"], weight, now(getattr(self, name)))
            for name, weight in weights.items()
        }


def _term(logit: tf.Tensor, target: tf.Tensor, weight: tf.Tensor, coefficient: float | tf.Tensor) -> Term:
    """Binary cross entropy over all elements with weight 1, not 0."""
    losses = ops.softplus(ops.where(target > 0, -logit, logit))
    return Term(ops.sum(ops.where(weight > 0, losses, 0.0)), ops.sum(weight), coefficient)
