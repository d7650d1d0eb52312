"""The pointer, with coverage and without, against loops over rows, steps and positions."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf

from nlpx.layers.pointer import CoveredPointer, Pointer

ROWS, STEPS, LENGTH = 3, 6, 5
LENGTHS = [5, 2, 1]
MASK = np.arange(LENGTH) < np.array(LENGTHS)[:, None]


def inputs(seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    queries, encoded = rng.normal(size=(ROWS, STEPS, 4)), rng.normal(size=(ROWS, LENGTH, 6))
    return queries.astype(np.float32), encoded.astype(np.float32)


def covered_pointer(growth: float = 2.0) -> CoveredPointer:
    """With a vector w of that size, and weights that make attention sharp."""
    keras.utils.set_random_seed(0)
    layer = CoveredPointer(dim=3)
    layer(*inputs(), MASK)
    rng = np.random.default_rng(1)
    for weight in layer.trainable_weights:
        weight.assign(rng.normal(size=weight.shape))
    layer.growth.assign(growth * rng.normal(size=3))
    return layer


def softmax(scores: np.ndarray) -> np.ndarray:
    powers = np.exp(scores - scores.max())
    return powers / powers.sum()


def test_the_pointer_by_loops() -> None:
    layer = Pointer(dim=3)
    queries, encoded = inputs()
    found = layer(queries, encoded, MASK)
    query, key, weight, bias = layer.get_weights()
    np.testing.assert_allclose(found.gate, (queries @ weight + bias)[..., 0], atol=1e-5)
    for row, length in enumerate(LENGTHS):
        for step in range(STEPS):
            scores = (encoded[row, :length] @ key) @ (queries[row, step] @ query) / np.sqrt(3)
            np.testing.assert_allclose(
                np.exp(found.log_weights[row, step, :length]), softmax(scores), atol=1e-5
            )
    assert not np.exp(found.log_weights)[~np.broadcast_to(MASK[:, None], found.log_weights.shape)].any()


def test_coverage_by_loops() -> None:
    """The key itself grows; the sum of the shares and the overlap are those of the definition."""
    layer = covered_pointer()
    queries, encoded = inputs()
    found = layer(queries, encoded, MASK)
    query, key = layer.query.kernel.numpy(), layer.key.kernel.numpy()
    growth = layer.growth.numpy()
    for row, length in enumerate(LENGTHS):
        covered = np.zeros(length)
        for step in range(STEPS):
            keys = encoded[row, :length] @ key + covered[:, None] * growth
            shares = softmax(keys @ (queries[row, step] @ query) / np.sqrt(3))
            again = sum(min(share, before) for share, before in zip(shares, covered, strict=True))
            covered = covered + shares
            np.testing.assert_allclose(np.exp(found.log_weights[row, step, :length]), shares, atol=1e-5)
            np.testing.assert_allclose(found.covered[0][row, step, :length], covered, atol=1e-5)
            np.testing.assert_allclose(found.overlap[row, step], again, atol=1e-5)
        np.testing.assert_allclose(covered.sum(), STEPS, rtol=1e-6)


def test_coverage_matters() -> None:
    """What the test above compares is far from a pointer without coverage."""
    queries, encoded = inputs()
    with_, without = (np.exp(covered_pointer(growth)(queries, encoded, MASK)[0]) for growth in (2.0, 0.0))
    np.testing.assert_allclose(with_[:, 0], without[:, 0], atol=1e-6)
    assert np.abs(with_[0, 1:] - without[0, 1:]).max() > 0.2


def test_a_covered_pointer_begins_as_a_pointer() -> None:
    queries, encoded = inputs()
    plain, covered = Pointer(dim=3), CoveredPointer(dim=3)
    plain(queries, encoded, MASK)
    covered(queries, encoded, MASK)
    for weight, other in zip(
        (covered.query, covered.key, covered.gate), (plain.query, plain.key, plain.gate), strict=True
    ):
        weight.set_weights(other.get_weights())
    found, expected = covered(queries, encoded, MASK), plain(queries, encoded, MASK)
    np.testing.assert_allclose(found.log_weights, expected.log_weights, atol=1e-5)
    np.testing.assert_allclose(found.gate, expected.gate, atol=1e-6)


def test_steps_of_several_hypotheses_give_what_the_whole_gives() -> None:
    """Hypothesis 1 follows the queries of another seed, so that neither may read what the other covers."""
    layer = covered_pointer()
    encoded = inputs()[1]
    told = [inputs(seed)[0] for seed in (0, 5)]
    whole = [layer(queries, encoded, MASK) for queries in told]
    keys = layer.key(encoded)
    covered = layer.uncovered(tf.constant(ROWS), 2, tf.constant(LENGTH))
    for step in range(STEPS):
        queries = np.stack([queries[:, step] for queries in told], 1)
        now = layer.step(queries, keys, MASK, covered)
        covered = now.covered
        for hypothesis in range(2):
            expected = whole[hypothesis]
            np.testing.assert_allclose(
                np.exp(now.log_weights[:, hypothesis]), np.exp(expected.log_weights[:, step]), atol=1e-5
            )
            assert now.overlap is not None and expected.overlap is not None
            np.testing.assert_allclose(now.overlap[:, hypothesis], expected.overlap[:, step], atol=1e-5)


def test_padding_and_later_steps_change_nothing() -> None:
    layer = covered_pointer()
    queries, encoded = inputs()
    whole = layer(queries, encoded, MASK)
    for row, length in enumerate(LENGTHS):
        alone = layer(
            queries[row : row + 1, :4], encoded[row : row + 1, :length], MASK[row : row + 1, :length]
        )
        np.testing.assert_allclose(alone.log_weights[0], whole.log_weights[row, :4, :length], atol=1e-5)
        np.testing.assert_allclose(alone.overlap[0], whole.overlap[row, :4], atol=1e-5)


def test_gradients_are_those_of_differences() -> None:
    """Through the recurrence: of a smooth function of shares and overlaps, in the direction of each weight."""
    layer = covered_pointer(0.5)
    queries, encoded = inputs()

    def objective() -> tf.Tensor:
        found = layer(queries, encoded, MASK)
        return tf.reduce_sum(tf.exp(2 * found.log_weights)) + 0.5 * tf.reduce_sum(found.overlap)

    weights = [layer.query.kernel, layer.key.kernel, layer.growth]
    with tf.GradientTape() as tape:
        value = objective()
    gradients = tape.gradient(value, [weight.value for weight in weights])
    for weight, gradient in zip(weights, gradients, strict=True):
        direction = np.random.default_rng(2).normal(size=weight.shape).astype(np.float32)
        values = []
        for step in (-1e-3, 1e-3):
            weight.assign_add(step * direction)
            values.append(float(objective()))
            weight.assign_sub(step * direction)
        slope = float(np.sum(gradient * direction))
        assert (values[1] - values[0]) / 2e-3 == pytest.approx(slope, rel=0.02, abs=0.02)


@pytest.mark.parametrize("layer", [Pointer(4), CoveredPointer(4)])
def test_the_config_makes_the_same_layer(layer: keras.layers.Layer) -> None:
    config = layer.get_config()
    assert type(layer).from_config(config).get_config() == config
