"""Cross entropy of classes against NumPy in float64."""

from __future__ import annotations

import numpy as np
import tensorflow as tf

from nlpx.layers.cross_entropy import sparse_cross_entropy


def expected(targets: np.ndarray, logits: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Losses, and the gradient of their sum."""
    shifted = logits.astype(np.float64) - logits.max(-1, keepdims=True)
    probabilities = np.exp(shifted) / np.exp(shifted).sum(-1, keepdims=True)
    chosen = np.eye(logits.shape[-1])[targets]
    losses = np.log(np.exp(shifted).sum(-1)) - (shifted * chosen).sum(-1)
    return losses, probabilities - chosen


def test_losses_and_gradients_by_position() -> None:
    rng = np.random.default_rng(0)
    logits = rng.normal(scale=5, size=(3, 4, 7)).astype(np.float32)
    logits[0, 0] = [1e4, -1e4, 0, 0, 0, 0, 0]
    targets = rng.integers(0, 7, (3, 4)).astype(np.int32)
    logits[0, 1] = [1e4, 9999, 0, 0, 0, 0, 0]
    targets[0, :2] = 1

    @tf.function
    def both(logits: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        with tf.GradientTape() as tape:
            tape.watch(logits)
            losses = sparse_cross_entropy(targets, logits)
        return losses, tape.gradient(losses, logits)

    for found, right in zip(both(tf.constant(logits)), expected(targets, logits), strict=True):
        np.testing.assert_allclose(found, right, rtol=1e-5, atol=1e-6)


def test_second_derivatives() -> None:
    """Of one row, those are diag(p) - p p^T."""
    logits = tf.constant([[0.3, -1.0, 2.0]])
    with tf.GradientTape(persistent=True) as outer:
        outer.watch(logits)
        with tf.GradientTape() as inner:
            inner.watch(logits)
            loss = sparse_cross_entropy(tf.constant([2]), logits)
        gradient = inner.gradient(loss, logits)
    p = tf.nn.softmax(logits)[0].numpy()
    found = outer.jacobian(gradient, logits, experimental_use_pfor=False)[0, :, 0]
    np.testing.assert_allclose(found, np.diag(p) - np.outer(p, p), atol=1e-6)
