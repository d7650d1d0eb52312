"""Base class of losses over many classes that compare the target with a few classes drawn at random."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, PrivateAttr

from nlpx.components.losses.base import Loss, Values
from nlpx.core.lazy import keras, ops, tf
from nlpx.core.options import PositiveInt


class SampledLoss(Loss):
    """Base class of losses that score the target and K noise classes instead of all: s_k = <h, w_k> + b_k.

    The noise classes are a function of the update and of a seed that is saved in checkpoints, and those of
    a row also of its key, so accumulation and padding change nothing.

    Options:
        negatives: K, the noise classes of an update; `all` uses every class instead, which is exact, and as
            slow as the full softmax.
        power: noise classes are drawn with probability q_k proportional to (count of k in the training split)
            ^ power; 0 is uniform, 1 the distribution of the classes.
        shared: update gives all positions of an update the same noise classes, row draws others for each row.
    """

    needs: ClassVar[frozenset[str]] = frozenset({"hidden", "output_embedding", "output_bias", "target"})
    counts: ClassVar[str] = ""

    negatives: PositiveInt | Literal["all"] = 64
    power: Annotated[float, Field(ge=0, le=1)] = 0.0
    shared: Literal["update", "row"] = "update"

    _seed: Any = PrivateAttr(None)

    @property
    def reads(self) -> frozenset[str]:
        more = {"frequency": self.power > 0, "row_key": self.shared == "row"}
        return self.needs | {name for name, read in more.items() if read}

    @property
    def draws(self) -> int:
        """How many classes are drawn."""
        if self.negatives == "all":
            raise ValueError("no class is drawn, because all are used")
        return self.negatives

    def build(self, sizes: Mapping[str, int]) -> None:
        self._seed = keras.random.SeedGenerator()

    @property
    def variables(self) -> list[keras.Variable]:
        return [] if self._seed is None else [self._seed.state]

    def log_noise(self, values: Values) -> tf.Tensor:
        """log q of every class, (U,)."""
        classes = values["output_embedding"].shape[0]
        if not self.power:
            return ops.log_softmax(ops.zeros(classes))
        # A class that does not occur, such as a special token, counts as if it did once.
        return ops.log_softmax(self.power * ops.log(ops.maximum(values["frequency"], 1.0)))

    def drawn(self, log_noise: tf.Tensor, step: tf.Tensor | int, keys: tf.Tensor | None = None) -> tf.Tensor:
        """The noise classes of an update, drawn with replacement.

        Returns:
            int32 (K,), or (B, K) for the keys of B rows; all (U,) with `all`.
        """
        if self.negatives == "all":
            return tf.range(log_noise.shape[0])
        seed = tf.stack([tf.cast(self._seed.state[0], tf.int32), tf.cast(step, tf.int32)])
        # Integers, because floating-point numbers drawn under XLA are others.
        if self.shared == "row":
            bits = _row_bits(seed, keys, self.draws)
        else:
            bits = tf.random.stateless_uniform([self.draws], seed, None, None, tf.uint32, alg="philox")
        uniform = tf.cast(tf.bitwise.right_shift(bits, 8), tf.float32) / 2**24
        bounds = tf.cumsum(tf.exp(log_noise))
        classes = tf.searchsorted(bounds, tf.reshape(uniform, [-1]) * bounds[-1], side="right")
        return tf.reshape(tf.minimum(classes, log_noise.shape[0] - 1), tf.shape(bits))

    def drawn_for(self, values: Values, log_noise: tf.Tensor, step: tf.Tensor | int) -> tf.Tensor:
        """The noise classes of every position, as (..., K), or in a shape that fits it."""
        drawn = self.drawn(log_noise, step, values.get("row_key"))
        if len(drawn.shape) == 1:
            return drawn
        between = len(values["hidden"].shape) - 2
        return tf.reshape(drawn, [-1, *[1] * between, drawn.shape[1]])

    def scores(self, values: Values, drawn: tf.Tensor) -> tf.Tensor:
        """s of the noise classes at every position, (..., K)."""
        hidden, bias = values["hidden"], tf.gather(values["output_bias"], drawn)
        if len(drawn.shape) == 1:
            noise = tf.gather(values["output_embedding"], drawn)
            return tf.linalg.matmul(hidden, noise, transpose_b=True) + bias
        noise = tf.gather(values["output_embedding"], tf.reshape(drawn, [-1, self.draws]))
        flat = tf.reshape(hidden, [tf.shape(hidden)[0], -1, hidden.shape[-1]])
        of_rows = tf.linalg.matmul(flat, noise, transpose_b=True)
        return tf.reshape(of_rows, tf.concat([tf.shape(hidden)[:-1], [self.draws]], 0)) + bias

    def target_scores(self, values: Values) -> tf.Tensor:
        """s of the target at every position, (...)."""
        if "target_score" in values:
            return values["target_score"]
        own = tf.gather(values["output_embedding"], values["target"])
        return ops.sum(values["hidden"] * own, -1) + tf.gather(values["output_bias"], values["target"])


def _row_bits(seed: tf.Tensor, keys: tf.Tensor, count: int) -> tf.Tensor:
    """Random numbers (B, count) uint32 of B rows, which are the same in every batch that contains a row."""
    seed, rows = tf.cast(seed, tf.uint32), tf.cast(keys, tf.uint32)
    state = _mixed(_mixed(_mixed(seed[0]) ^ seed[1]) ^ rows)
    return _mixed(_mixed(state[:, None] ^ tf.cast(tf.range(count), tf.uint32)))


def _mixed(bits: tf.Tensor) -> tf.Tensor:
    """The finalizer of MurmurHash3, a bijection of uint32 in which every bit depends on all others."""
    bits = bits + tf.constant(0x9E3779B9, tf.uint32)
    bits = (bits ^ tf.bitwise.right_shift(bits, 16)) * tf.constant(0x85EBCA6B, tf.uint32)
    bits = (bits ^ tf.bitwise.right_shift(bits, 13)) * tf.constant(0xC2B2AE35, tf.uint32)
    return bits ^ tf.bitwise.right_shift(bits, 16)
