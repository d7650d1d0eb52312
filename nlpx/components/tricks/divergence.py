"""Divergences between the outputs of two evaluations of an objective."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Literal

from nlpx.components.losses.base import Term
from nlpx.core.lazy import tf
from nlpx.layers.taps import replacing

if TYPE_CHECKING:
    from nlpx.components.tricks.base import Tensors

Output = Literal["logits", "token_logits"]
"""A value of the objective: scores of classes before the softmax, (B, U) or (B, T, U)."""


def with_output(
    evaluate: Callable[[Tensors], Mapping[str, Term]], batch: Tensors, output: str
) -> tuple[Mapping[str, Term], tf.Tensor, tf.Tensor]:
    """The terms of an evaluation, the log-probabilities of its output, and its mask as float32.

    Of an evaluation of several passes, those of other tricks, they are those of the first one, which is the
    one at the vectors of the batch.
    """
    found: list[tf.Tensor] = []
    masks: list[tf.Tensor] = []
    with replacing(f"value/{output}", _kept(found)), replacing("value/mask", _kept(masks)):
        terms = evaluate(batch)
    return terms, tf.nn.log_softmax(found[0]), tf.cast(masks[0], tf.float32)


def kl_divergence(log_p: tf.Tensor, log_q: tf.Tensor, mask: tf.Tensor) -> tf.Tensor:
    """The sum of KL(p || q) over what is real, in nats."""
    return tf.reduce_sum(_real(tf.reduce_sum(tf.exp(log_p) * (log_p - log_q), -1), mask))


def symmetric_kl_divergence(log_p: tf.Tensor, log_q: tf.Tensor, mask: tf.Tensor) -> tf.Tensor:
    """The sum of (KL(p || q) + KL(q || p)) / 2 over what is real, in nats."""
    both = tf.reduce_sum((tf.exp(log_p) - tf.exp(log_q)) * (log_p - log_q), -1)
    return 0.5 * tf.reduce_sum(_real(both, mask))


def _real(values: tf.Tensor, mask: tf.Tensor) -> tf.Tensor:
    return tf.where(mask > 0, values, 0.0)


def _kept(found: list[tf.Tensor]) -> Callable[[tf.Tensor], tf.Tensor]:
    def keep(tensor: tf.Tensor) -> tf.Tensor:
        found.append(tensor)
        return tensor

    return keep
