"""Spans of a text by pointers: where they start, and where each of them ends."""

from __future__ import annotations

import keras
import tensorflow as tf

from nlpx.layers.masking import HIDDEN


@keras.saving.register_keras_serializable(package="nlpx")
class HalfPointer(keras.layers.Layer):
    """Logits of every position as a start, and of every position as the end of a span with a given start.

        s_t = w . h_t + b,   e_nt = v . relu(U h_t + V h_i + c) + d  for the start i of span n, -1e9 for t < i

    Without `units`, e_nt = v . h_t + d, the same for all starts.

    Each is for a sigmoid of its own, so that a text has any number of spans, which may overlap. Positions
    outside the mask have -1e9. Everything but the dense layers is float32.

    h (B, T, D), starts (B, N) int32, mask (B, T) bool -> s (B, T) and e (B, N, T), float32. A start outside
    0 ... T - 1 stands for no span: all its logits are -1e9. In training, starts are those of the reference;
    later, those that `s` gives, such as all positions.

    Args:
        units: width of relu(...); None: ends do not depend on starts.

    Source: kexue.fm archive 6919, without `units`; Li et al. 2019, arXiv 1905.05529.
    """

    def __init__(self, units: int | None, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self.units = units
        policy = self.dtype_policy
        self.start = keras.layers.Dense(1, dtype=policy, name="start")
        if units is not None:
            self.at_end = keras.layers.Dense(units, dtype=policy, name="at_end")
            self.at_start = keras.layers.Dense(units, use_bias=False, dtype=policy, name="at_start")
        self.end = keras.layers.Dense(1, dtype=policy, name="end")

    def build(self, x_shape: tuple[int | None, ...], starts_shape: tuple[int | None, ...]) -> None:
        self.start.build(x_shape)
        if self.units is not None:
            self.at_end.build(x_shape)
            self.at_start.build(x_shape)
        self.end.build((*x_shape[:-1], self.units or x_shape[-1]))
        self.built = True

    def compute_mask(self, inputs: object, previous_mask: object) -> None:
        return None

    def call(
        self, x: tf.Tensor, starts: tf.Tensor, mask: tf.Tensor | None = None
    ) -> tuple[tf.Tensor, tf.Tensor]:
        return self.starts(x, mask), self.ends(x, starts, mask)

    def starts(self, x: tf.Tensor, mask: tf.Tensor | None = None) -> tf.Tensor:
        """s, (B, T) float32."""
        logits = tf.cast(self.start(x)[..., 0], tf.float32)
        return logits if mask is None else tf.where(mask, logits, HIDDEN)

    def ends(self, x: tf.Tensor, starts: tf.Tensor, mask: tf.Tensor | None = None) -> tf.Tensor:
        """e, (B, N, T) float32, for starts (B, N)."""
        place = tf.range(tf.shape(x)[1])
        inside = tf.clip_by_value(starts, 0, tf.shape(x)[1] - 1)
        hidden = tf.expand_dims(x, 1)
        if self.units is not None:
            first = tf.gather(self.at_start(x), inside, batch_dims=1)
            hidden = tf.nn.relu(tf.expand_dims(self.at_end(x), 1) + tf.expand_dims(first, 2))
        logits = tf.cast(self.end(hidden)[..., 0], tf.float32)
        begin = tf.expand_dims(starts, 2)
        possible = (begin >= 0) & (place >= begin)
        if mask is not None:
            real = tf.gather(mask, inside, batch_dims=1)
            possible &= tf.expand_dims(mask, 1) & tf.expand_dims(real, 2)
        return tf.where(possible, logits, HIDDEN)
