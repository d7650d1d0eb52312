"""Spectral normalization by a trick: the layer that does it, closed forms, and what it leaves as it is."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf

from nlpx.components.losses.base import Term
from nlpx.components.tricks.base import value_of
from nlpx.components.tricks.spectral_norm import SpectralNorm
from nlpx.components.tricks.spectral_norm_constraint import SpectralNormConstraint
from nlpx.core.variable_names import VariableNames
from nlpx.engine.update import Update
from nlpx.layers import spectral_norm
from tests.components.tricks.harness import Updates, weight
from tests.engine.toy import ToyLearner, ToyModel, make_batch

ONLY = ["embedding/*", "conv/kernel"]


class LayeredModel(ToyModel):
    """The same model with layers that divide."""

    def __init__(self) -> None:
        super().__init__(dropout=0.0)
        self.embedding = spectral_norm.SpectralNorm(self.embedding)
        self.conv = spectral_norm.SpectralNorm(self.conv)


class Layered(ToyLearner):
    """Its learner."""

    def __init__(self) -> None:
        self.model = LayeredModel()
        self.model(np.zeros((1, 4), np.int32))


def batches() -> list[dict[str, np.ndarray]]:
    return [make_batch(np.random.default_rng(seed), 4, 6) for seed in range(2)]


def test_it_is_the_layer_that_divides() -> None:
    """With accumulation and XLA, over updates: weights, vectors, and what evaluation sees."""
    keras.utils.set_random_seed(3)
    learner, layered = ToyLearner(dropout=0.0), Layered()
    update = Update(learner, keras.optimizers.SGD(0.5), [SpectralNorm(only=ONLY)], accumulation=2, xla=True)
    trick = update.tricks[0]
    model, same = learner.model, layered.model
    for mine, theirs in zip(model.trainable_variables, same.trainable_variables, strict=True):
        theirs.assign(mine)
    for vector, layer in zip(trick.variables, (same.embedding, same.conv), strict=True):
        layer.u.assign(vector)
    optimizer = keras.optimizers.SGD(0.5)
    union = {name: np.concatenate([batch[name] for batch in batches()]) for name in batches()[0]}
    for _ in range(3):
        update(batches())
        with tf.GradientTape() as tape:
            loss, count = layered.loss(union, training=True)
            mean = loss / count
        trained = same.trainable_variables
        gradients = tape.gradient(mean, [v.value for v in trained])
        optimizer.apply([tf.convert_to_tensor(g) for g in gradients], trained)
        for layer in (same.embedding, same.conv):
            layer.iterate()
    for mine, theirs in zip(model.trainable_variables, same.trainable_variables, strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(trick.variables[1], same.conv.u, rtol=1e-3, atol=1e-4)
    seen = trick.evaluation([value_of(w) for w in update.weights])
    for w, value in zip(update.weights, seen, strict=True):
        w.assign(value)
    ids = union["char"]
    np.testing.assert_allclose(model(ids), same(ids), rtol=1e-3, atol=1e-4)


def test_weights_come_back_bit_for_bit() -> None:
    learner = ToyLearner(dropout=0.0)
    before = [value_of(w) for w in learner.model.weights]
    Update(learner, keras.optimizers.SGD(0.0), [SpectralNorm()])(batches()[:1])
    for old, new in zip(before, learner.model.weights, strict=True):
        np.testing.assert_array_equal(old, new)


def test_f19_gradients_are_orthogonal_to_the_weights() -> None:
    rng = np.random.default_rng(0)
    shapes = {"a_kernel": (3, 2, 4), "b_gamma": (5,), "c_bias": (4,), "d_kernel": (3, 3)}
    weights = [weight(rng.normal(size=shape), name) for name, shape in shapes.items()]
    trick = SpectralNorm(only=["*kernel", "*gamma"])
    updates = Updates(weights, keras.optimizers.SGD(0.1), trick)
    given = [tf.constant(rng.normal(size=shape), tf.float32) for shape in shapes.values()]
    pairs = trick.gradients([*zip(given[:3], weights[:3], strict=True), (None, weights[3])])
    for (gradient, variable), own in zip(pairs[:2], given, strict=False):
        value = variable.value.numpy()
        assert abs(float(tf.reduce_sum(gradient * value))) < 1e-4
        assert np.abs(gradient - own).max() > 0.01
    assert pairs[2][0] is given[2] and pairs[3] == (None, weights[3])
    for _ in range(50):
        trick.update(weights)
    a, b, c, _ = updates.evaluated()
    assert np.linalg.norm(a.reshape(6, 4), 2) == pytest.approx(1, rel=1e-4)
    assert np.abs(b).max() == pytest.approx(1, rel=1e-6)
    np.testing.assert_array_equal(c, weights[2])


def test_weights_of_other_phases_are_divided_as_well() -> None:
    """The generator of two networks is judged by the discriminator that is trained."""
    rng = np.random.default_rng(2)
    own, other = (weight(rng.normal(size=(5, 3)), f"{name}_kernel") for name in ("own", "other"))
    raw = own.value.numpy(), other.value.numpy()
    trick = SpectralNorm()
    trick.name_variables(VariableNames([], [own, other]))
    trick.build([own])
    for _ in range(50):
        trick.update([own])
    seen: list[np.ndarray] = []

    def objective(batch: object) -> dict[str, Term]:
        seen.extend([own.value.numpy(), other.value.numpy()])
        return {}

    trick.objective(objective, [own])({})
    for value, before, variable in zip(seen, raw, (own, other), strict=True):
        np.testing.assert_allclose(value, before / np.linalg.norm(before, 2), rtol=1e-4)
        np.testing.assert_array_equal(variable, before)
    (evaluated,) = trick.evaluation([raw[0]])
    np.testing.assert_allclose(evaluated, seen[0], rtol=1e-4)


def test_the_constraint_divides_after_the_update() -> None:
    rng = np.random.default_rng(1)
    kernel, bias = weight(rng.normal(size=(6, 4)), "kernel"), weight(rng.normal(size=4), "bias")
    start, gradient = kernel.value.numpy(), rng.normal(size=(6, 4))
    found = Updates([kernel, bias], keras.optimizers.SGD(0.1), SpectralNormConstraint(iterations=50))(
        gradient, np.zeros(4)
    )
    moved = start - 0.1 * gradient
    np.testing.assert_allclose(found[0], moved / np.linalg.norm(moved, 2), rtol=1e-4)
    np.testing.assert_array_equal(found[1], bias)
