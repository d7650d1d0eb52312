"""The largest numbers of long rows."""

from __future__ import annotations

from nlpx.core.lazy import tf

BLOCK = 64


def largest(values: tf.Tensor, count: int) -> tuple[tf.Tensor, tf.Tensor]:
    """`tf.math.top_k` of floating (..., N) -> (..., count), N static; a third of its time where N is large.

    The largest numbers are in the blocks with the largest maxima, as many of these as numbers: one in another
    block is preceded by a number of each of them. Equal numbers are in the order of their places.
    """
    size, axes = values.shape[-1], values.shape.rank - 1
    blocks = -(-size // BLOCK)
    if blocks <= 2 * count:
        return tf.math.top_k(values, count)
    padding = [[0, 0]] * axes + [[0, blocks * BLOCK - size]]
    rows = tf.shape(values)[:-1]
    padded = tf.pad(values, padding, constant_values=-float("inf"))
    cut = tf.reshape(padded, tf.concat([rows, [blocks, BLOCK]], 0))
    chosen = tf.sort(tf.math.top_k(tf.reduce_max(cut, -1), count).indices)
    kept = tf.gather(cut, chosen, batch_dims=axes)
    found, places = tf.math.top_k(tf.reshape(kept, tf.concat([rows, [count * BLOCK]], 0)), count)
    return found, tf.gather(chosen, places // BLOCK, batch_dims=axes) * BLOCK + places % BLOCK
