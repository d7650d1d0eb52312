"""Which positions of a row are in the window of a centre."""

from __future__ import annotations

import tensorflow as tf


def window_mask(text: tf.Tensor, reach: tf.Tensor) -> tf.Tensor:
    """Near positions of the same text: 0 < |distance| <= reach, on both sides.

    Args:
        text: number of the text of each position, (B, S) int32, S = side + L + side.
        reach: width of the window of each centre, (B, L) int32; 0 gives an empty window.

    Returns:
        (B, L, S) bool.
    """
    positions, length = text.shape[1], reach.shape[1]
    side = (positions - length) // 2
    distance = tf.abs(tf.range(positions)[None] - tf.range(side, side + length)[:, None])
    same = text[:, None, :] == text[:, side : side + length, None]
    return (distance > 0) & (distance <= reach[..., None]) & same
