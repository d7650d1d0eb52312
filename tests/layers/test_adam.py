"""Adam in one pass: the steps of Keras's optimizers, and their state."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf

from nlpx.layers import adam

PAIRS = [(adam.Adam, keras.optimizers.Adam), (adam.AdamW, keras.optimizers.AdamW)]


@pytest.mark.parametrize(("ours", "theirs"), PAIRS)
@pytest.mark.parametrize("amsgrad", [False, True])
def test_steps_are_those_of_keras(ours: type, theirs: type, amsgrad: bool) -> None:
    rng = np.random.default_rng(0)
    first = [rng.normal(size=shape).astype(np.float32) for shape in ((5, 3), (4,))]
    trained = [[keras.Variable(values) for values in first] for _ in range(2)]
    optimizers = [make(0.01, beta_1=0.8, amsgrad=amsgrad) for make in (ours, theirs)]
    for optimizer, variables in zip(optimizers, trained, strict=True):
        optimizer.build(variables)
    step = tf.function(lambda gradients: optimizers[0].apply(gradients, trained[0]))
    for _ in range(5):
        gradients = [tf.constant(rng.normal(size=values.shape), tf.float32) for values in first]
        step(gradients)
        optimizers[1].apply(gradients, trained[1])
    mine, its = ([*o.variables, *v] for o, v in zip(optimizers, trained, strict=True))
    for one, other in zip(mine, its, strict=True):
        np.testing.assert_allclose(one.numpy(), other.numpy(), rtol=1e-4, atol=1e-6)
