"""Which positions attend to which, and vectors of positions."""

from __future__ import annotations

from typing import Literal

import numpy as np
import tensorflow as tf
from keras import ops

Restriction = Literal["local", "atrous", "sparse"]
LONGEST_WAVE = 10_000.0


def attention_mask(
    length: tf.Tensor | int,
    mask: tf.Tensor | None,
    causal: bool = False,
    restriction: Restriction | None = None,
    neighbors: int | None = None,
    rate: int | None = None,
) -> tf.Tensor | None:
    """Whether position i (row) may attend to position j (column), (B or 1, T or 1, T); None if all may.

    Every position may attend to itself, so no real position is without one.

    Args:
        length: T.
        mask: real positions, (B, T) bool; all by default.
        causal: whether j > i is forbidden.
        restriction: what d = j - i must be. local: |d| <= neighbors * rate and a multiple of rate;
            atrous: a multiple of rate; sparse: a multiple of rate, or |d| < rate.
        neighbors: by default 1.
        rate: by default 1 for local, otherwise 2.
    """
    allowed = None if mask is None else tf.expand_dims(mask, 1)
    if not causal and restriction is None:
        return allowed
    place = tf.range(length)
    distance = place[None, :] - place[:, None]
    reached = distance <= 0 if causal else tf.ones_like(distance, tf.bool)
    if restriction is not None:
        rate = rate or (1 if restriction == "local" else 2)
        multiple = distance % rate == 0
        if restriction == "local":
            multiple &= tf.abs(distance) <= (neighbors or 1) * rate
        elif restriction == "sparse":
            multiple |= tf.abs(distance) < rate
        reached &= multiple
    return reached[None] if allowed is None else reached[None] & allowed


def waves(length: tf.Tensor | int, width: int) -> tf.Tensor:
    """(length, width) float32: element 2i of position t is sin(t / 10000^(2i / width)), 2i + 1 the cosine."""
    even = np.arange(width) // 2 * 2
    angles = ops.cast(tf.range(length), "float32")[:, None] / LONGEST_WAVE ** (even / width).astype(
        np.float32
    )
    return tf.where(np.arange(width) % 2 == 0, tf.sin(angles), tf.cos(angles))
