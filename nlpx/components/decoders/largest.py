"""The largest numbers of long rows."""

from __future__ import annotations

from nlpx.core.lazy import np, tf

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


def top(values: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """The largest values (B, count) of every row from high to low, and their places; ties by place.

    Of long rows, only blocks with the largest maxima are read again, as in `largest`.
    """
    rows, size = values.shape
    whole = size // BLOCK * BLOCK
    if whole <= 2 * count * BLOCK:
        return _top(values, count)
    maxima = values[:, :whole].reshape(rows, -1, BLOCK).max(2)
    blocks = np.sort(_top(maxima, count)[1], axis=1)
    within = (blocks[..., None] * BLOCK + np.arange(BLOCK)).reshape(rows, -1)
    places = np.concatenate([within, np.broadcast_to(np.arange(whole, size), (rows, size - whole))], 1)
    found, chosen = _top(np.take_along_axis(values, places, 1), count)
    return found, np.take_along_axis(places, chosen, 1)


def _top(values: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    size = values.shape[1]
    if count < size:
        least = np.partition(values, size - count, axis=1)[:, size - count, None]
        larger, equal = values > least, values == least
        # Of those that equal the least one, the first.
        room = count - larger.sum(1, keepdims=True)
        kept = larger | (equal & (np.cumsum(equal, 1) <= room))
        places = np.nonzero(kept)[1].reshape(-1, count)
    else:
        places = np.broadcast_to(np.arange(size), values.shape)
    found = np.take_along_axis(values, places, 1)
    order = np.argsort(-found, axis=1, kind="stable")
    return np.take_along_axis(found, order, 1), np.take_along_axis(places, order, 1)
