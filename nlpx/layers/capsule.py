"""Capsules with dynamic routing."""

from __future__ import annotations

import keras
import tensorflow as tf

from nlpx.layers.masking import apply_mask
from nlpx.layers.taps import tap
from nlpx.layers.unit import unit


@keras.saving.register_keras_serializable(package="nlpx")
class Capsule(keras.layers.Layer):
    """Output capsules v_j: centers of clusters of projected input capsules, found by a few steps of routing.

        p_ij = W_j u_i (shared) or W_ij u_i,   b_ij = 0 at first
        c_ij = softmax over j of b_ij,   v_j = sum_i c_ij p_ij
        between two steps: b_ij = <p_ij, v_j / |v_j|>, added to the previous one with `accumulate`
        result: v_j |v_j| / (squash + |v_j|^2), whose length is below 1; with `squash_inside` it also takes
            the place of v_j / |v_j|

    (B, n, D) floating, mask (B, n) bool -> (B, capsules, size). Masked inputs have no effect, so n may differ
    between rows. Routing is float32 under every policy, and the gradient passes all of its steps.

    Args:
        capsules: number of output capsules.
        size: width of an output capsule.
        routings: number of computations of c and v.
        shared: use the same W_j for all inputs; otherwise n is fixed.
        accumulate: sum b over the steps, so that c approaches one-hot vectors.
        squash: 1 in the original paper; 0.5 here.
        squash_inside: compare inputs with the squashed capsules, as the original paper does.

    Source: Sabour et al. 2017, arXiv 1710.09829; kexue.fm archives 4819 and 5112.
    """

    def __init__(
        self,
        capsules: int,
        size: int,
        routings: int = 3,
        shared: bool = True,
        accumulate: bool = False,
        squash: float = 0.5,
        squash_inside: bool = False,
        **kwargs: object,
    ) -> None:
        super().__init__(**kwargs)
        self.capsules = capsules
        self.size = size
        self.routings = routings
        self.shared = shared
        self.accumulate = accumulate
        self.squash = squash
        self.squash_inside = squash_inside

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        inputs, width = input_shape[-2:]
        if not self.shared and inputs is None:
            raise ValueError("kernels that are not shared need a fixed number of input capsules")
        shape = (width, self.capsules * self.size)
        self.kernel = self.add_weight(
            shape if self.shared else (inputs, *shape), initializer="glorot_uniform", name="kernel"
        )
        self.built = True

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return (input_shape[0], self.capsules, self.size)

    def compute_mask(self, inputs: object, previous_mask: object) -> None:
        return None

    def call(self, u: tf.Tensor, mask: tf.Tensor | None = None) -> tf.Tensor:
        equation = "bnd,do->bno" if self.shared else "bnd,ndo->bno"
        projected = tf.einsum(equation, apply_mask(u, mask), tf.convert_to_tensor(self.kernel))
        shape = tf.shape(projected)
        projected = tf.reshape(projected, (shape[0], shape[1], self.capsules, self.size))
        v, couplings = self.route(tf.cast(projected, tf.float32))
        tap(f"{self.name}/couplings", couplings)
        return tf.cast(v, self.compute_dtype)

    def route(self, projected: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Capsules (B, capsules, size) and couplings c (B, n, capsules) for p (B, n, capsules, size)."""
        b = tf.zeros_like(projected[..., 0])
        for step in range(self.routings):
            c = tf.nn.softmax(b)
            v = tf.einsum("bnj,bnjs->bjs", c, projected)
            if step < self.routings - 1:
                compared = self.squashed(v) if self.squash_inside else unit(v)
                agreement = tf.einsum("bnjs,bjs->bnj", projected, compared)
                b = b + agreement if self.accumulate else agreement
        return self.squashed(v), c

    def squashed(self, v: tf.Tensor) -> tf.Tensor:
        """v |v| / (squash + |v|^2)."""
        square = tf.reduce_sum(tf.square(v), -1, keepdims=True)
        return v * tf.sqrt(tf.maximum(square, 1e-12)) / (self.squash + square)
