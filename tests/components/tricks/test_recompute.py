"""Recomputed blocks give the numbers of others."""

from __future__ import annotations

from collections.abc import Mapping

import keras
import numpy as np
import pytest
import tensorflow as tf

from nlpx.components.encoders.conv import Conv
from nlpx.components.encoders.transformer import Transformer
from nlpx.components.losses.base import Term
from nlpx.components.tricks.base import value_of
from nlpx.components.tricks.recompute import Recompute
from nlpx.models.blocks import build_blocks, run_blocks
from tests.components.tricks.tapped import vectors

MASK = tf.constant([[True, True, True, False], [True, False, False, False]])


class Blocks:
    """Blocks with dropout, and their loss; `calls` counts those of the first one."""

    def __init__(self, attention: bool) -> None:
        keras.utils.set_random_seed(3)
        more = [Transformer(heads=2, dropout=0.4)] if attention else []
        self.blocks = build_blocks("encoder", [Conv(filters=4, dropout=0.4), *more])
        run_blocks(self.blocks, vectors(2, 4, 4), MASK)
        self.variables = [variable for block in self.blocks for variable in block.trainable_variables]
        self.calls = 0
        self.blocks[0].conv.activation = self._counted

    def _counted(self, x: tf.Tensor) -> tf.Tensor:
        self.calls += 1
        return tf.nn.relu(x)

    def objective(self, batch: Mapping[str, tf.Tensor]) -> Mapping[str, Term]:
        y = run_blocks(self.blocks, batch["x"], MASK, training=True)
        return {"loss": Term(tf.reduce_sum(tf.square(y)), tf.constant(2.0))}

    def gradients(self, recompute: bool, compiled: bool) -> list[np.ndarray]:
        """The loss and its gradients, by the input too."""
        objective = Recompute().objective(self.objective, []) if recompute else self.objective

        def step(x: tf.Tensor) -> list[tf.Tensor]:
            with tf.GradientTape() as tape:
                tape.watch(x)
                loss = objective({"x": x})["loss"].sum
            return [loss, *tape.gradient(loss, [x, *(variable.value for variable in self.variables)])]

        run = tf.function(step, jit_compile=True, autograph=False) if compiled else step
        return [np.asarray(value) for value in run(vectors(2, 4, 4))]


@pytest.mark.parametrize("compiled", [False, True])
def test_gradients_and_seeds_are_the_same(compiled: bool) -> None:
    """Twice in a row, with different dropout; by XLA, too."""
    plain, saving = Blocks(attention=not compiled), Blocks(attention=not compiled)
    found = []
    for _ in range(2):
        expected, made = plain.gradients(False, compiled), saving.gradients(True, compiled)
        for one, other in zip(expected, made, strict=True):
            np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-5)
        for one_block, other_block in zip(plain.blocks, saving.blocks, strict=True):
            for one_state, other_state in zip(one_block.variables, other_block.variables, strict=True):
                np.testing.assert_array_equal(value_of(one_state), value_of(other_state))
        found.append(float(made[0]))
    assert found[0] != found[1]
    assert saving.calls == 2 * plain.calls
