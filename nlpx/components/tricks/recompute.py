"""Activation checkpointing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Literal

from nlpx.components.losses.base import Term
from nlpx.components.tricks.base import Objective, Tensors, Trick
from nlpx.core.lazy import keras, tf
from nlpx.layers.taps import replacing


class Recompute(Trick):
    """Keep the inputs of encoder blocks alone, and compute what is inside again in the backward pass.

    Options: none.
    Shapes: any.
    Data: any.
    Relations: for deep encoders and long texts that do not fit in memory. A step costs about one more
        forward pass. The numbers are the same, those of dropout included. Excludes gradient_penalty, and what
        changes weights within a step.
    Reference: Chen et al. 2016, arXiv 1604.06174.
    Example:
        tricks: [recompute]
    """

    excludes: ClassVar[Mapping[str, str]] = dict.fromkeys(
        ("trick/sam", "trick/spectral_norm", "optimizer/heun"),
        "blocks would be computed again with other weights than in the first pass",
    ) | {"trick/recompute": "blocks are already computed again"}
    needs: ClassVar[frozenset[str]] = frozenset({"blocks"})

    type: Literal["recompute"] = "recompute"

    def objective(self, objective: Objective, variables: Sequence[keras.Variable]) -> Objective:
        def recomputing(batch: Tensors) -> Mapping[str, Term]:
            with replacing("block", recomputed):
                return objective(batch)

        return recomputing


def recomputed(block: keras.layers.Layer) -> Any:
    """A function that is called like a block and gives the same, but keeps nothing for the backward pass."""

    def call(x: tf.Tensor, mask: tf.Tensor | None = None, training: bool = False) -> tf.Tensor:
        # Seeds and statistics change in the first pass alone; the second one starts from the same values.
        states = [variable for variable in block.variables if not variable.trainable]
        before = [tf.identity(state.value) for state in states]
        after: list[list[tf.Tensor | None]] = []

        def run(x: tf.Tensor) -> tf.Tensor:
            with keras.StatelessScope(state_mapping=list(zip(states, before, strict=True))) as scope:
                y = block(x, mask=mask, training=training)
            after.append([scope.get_current_value(state) for state in states])
            return y

        y = tf.recompute_grad(run)(x)
        for state, value in zip(states, after[0], strict=True):
            if value is not None:
                state.assign(value)
        return y

    return call
