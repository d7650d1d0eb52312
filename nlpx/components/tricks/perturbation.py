"""The objective at moved tensors, and the gradient of the loss of every row in its own tensors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Literal

from nlpx.components.losses.base import Term
from nlpx.core.lazy import tf
from nlpx.errors import ConfigError
from nlpx.layers.taps import replacing

if TYPE_CHECKING:
    from nlpx.components.tricks.base import Objective, Tensors

Place = Literal["embedding", "image"]
"""A tap whose tensors (B, ...) can be moved."""


def moved(
    objective: Objective,
    batch: Tensors,
    place: str,
    moves: Sequence[tf.Tensor] = (),
    tape: tf.GradientTape | None = None,
    until: str = "",
) -> tuple[Mapping[str, Term], list[tf.Tensor]]:
    """The terms after `moves`, one for each tensor of a tap, were added; and these tensors.

    Args:
        tape: watches them.
        until: a tap after whose first tensor all others stay as they are, and are not returned: an
            objective with other tricks may make several passes.

    Raises:
        ConfigError: the objective computes no such tensor.
    """
    found: list[tf.Tensor] = []
    passed = False

    def move(tensor: tf.Tensor) -> tf.Tensor:
        if passed:
            return tensor
        if moves:
            tensor = tensor + tf.cast(moves[len(found)], tensor.dtype)
        found.append(tensor)
        if tape is not None:
            tape.watch(tensor)
        return tensor

    def end(tensor: tf.Tensor) -> tf.Tensor:
        nonlocal passed
        passed = True
        return tensor

    with replacing(place, move), replacing(until, end):
        terms = objective(batch)
    if not found:
        raise ConfigError(f"tricks: the model has no tap `{place}`. Remove the trick.")
    return terms, found


def slopes(
    objective: Objective, batch: Tensors, place: str, moves: Sequence[tf.Tensor] = ()
) -> tuple[Mapping[str, Term], list[tf.Tensor]]:
    """The terms, and the gradient of the undivided loss with respect to each tensor of a tap, float32.

    The loss is a sum over rows. Where it compares no rows, the slice of a row is the gradient of its own
    loss, whatever else the batch contains, and 0 at padding.
    """
    with tf.GradientTape() as tape:
        terms, tensors = moved(objective, batch, place, moves, tape)
        loss = tf.add_n([term.coefficient * term.sum for term in terms.values()])
    gradients = tape.gradient(loss, tensors, unconnected_gradients=tf.UnconnectedGradients.ZERO)
    return terms, [tf.cast(gradient, tf.float32) for gradient in gradients]


def norms(tensors: Sequence[tf.Tensor]) -> tf.Tensor:
    """The Euclidean norm of every row over all tensors, (B,)."""
    return tf.sqrt(squares(tensors))


def squares(tensors: Sequence[tf.Tensor]) -> tf.Tensor:
    """The squared norm of every row over all tensors, (B,)."""
    return tf.add_n([tf.reduce_sum(tf.square(x), range(1, len(x.shape))) for x in tensors])


def directions(tensors: Sequence[tf.Tensor]) -> list[tf.Tensor]:
    """The tensors divided by the norm of every row; 0 for a row of 0."""
    # Divided by the largest element first, because squares of small gradients are 0 in float32.
    largest = [tf.reduce_max(tf.abs(x), range(1, len(x.shape))) for x in tensors]
    scaled = scaled_rows(tensors, tf.math.reciprocal_no_nan(tf.reduce_max(tf.stack(largest), 0)))
    return scaled_rows(scaled, tf.math.reciprocal_no_nan(norms(scaled)))


def scaled_rows(tensors: Sequence[tf.Tensor], factors: tf.Tensor) -> list[tf.Tensor]:
    """Every row (B, ...) times its factor (B,)."""
    return [x * tf.reshape(factors, [-1, *[1] * (len(x.shape) - 1)]) for x in tensors]
