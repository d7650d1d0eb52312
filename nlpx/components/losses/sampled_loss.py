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

    The noise classes are a function of the update and of a seed that is saved in checkpoints. All positions
    and micro-batches of an update share them, so accumulation and padding change nothing.

    Options:
        negatives: K, the noise classes of an update; `all` uses every class instead, which is exact, and as
            slow as the full softmax.
        power: noise classes are drawn with probability q_k proportional to (count of k in the training split)
            ^ power; 0 is uniform, 1 the distribution of the classes.
    """

    needs: ClassVar[frozenset[str]] = frozenset({"hidden", "output_embedding", "output_bias", "target"})
    counts: ClassVar[str] = ""

    negatives: PositiveInt | Literal["all"] = 64
    power: Annotated[float, Field(ge=0, le=1)] = 0.0

    _seed: Any = PrivateAttr(None)

    @property
    def reads(self) -> frozenset[str]:
        return self.needs | {"frequency"} if self.power else self.needs

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

    def drawn(self, log_noise: tf.Tensor, step: tf.Tensor | int) -> tf.Tensor:
        """The noise classes (K,) int32 of an update, drawn with replacement; all (U,) with `all`."""
        if self.negatives == "all":
            return tf.range(log_noise.shape[0])
        seed = tf.stack([tf.cast(self._seed.state[0], tf.int32), tf.cast(step, tf.int32)])
        # Integers, because floating-point numbers drawn under XLA are others.
        bits = tf.random.stateless_uniform([self.negatives], seed, None, None, tf.uint32, alg="philox")
        uniform = tf.cast(tf.bitwise.right_shift(bits, 8), tf.float32) / 2**24
        bounds = tf.cumsum(tf.exp(log_noise))
        classes = tf.searchsorted(bounds, uniform * bounds[-1], side="right")
        return tf.minimum(classes, log_noise.shape[0] - 1)

    def scores(self, values: Values, drawn: tf.Tensor) -> tf.Tensor:
        """s of the noise classes at every position, (..., K)."""
        embedding, bias = values["output_embedding"], values["output_bias"]
        of_drawn = tf.linalg.matmul(values["hidden"], tf.gather(embedding, drawn), transpose_b=True)
        return of_drawn + tf.gather(bias, drawn)

    def target_scores(self, values: Values) -> tf.Tensor:
        """s of the target at every position, (...)."""
        own = tf.gather(values["output_embedding"], values["target"])
        return ops.sum(values["hidden"] * own, -1) + tf.gather(values["output_bias"], values["target"])
