"""Linear-chain conditional random field."""

from __future__ import annotations

import keras
import numpy as np
import tensorflow as tf
from keras import ops

from nlpx.layers import crf_recursion
from nlpx.layers.crf_recursion import FORBIDDEN


@keras.saving.register_keras_serializable(package="nlpx")
class CRF(keras.layers.Layer):
    """One softmax over whole tag sequences; the scores of single tags come from the layers before.

        P(y | x) = exp(f(y)) / Z(x)
        f(y) = start(y_1) + sum_t h_t(y_t) + sum_t g(y_t, y_t+1) + stop(y_n)

    Everything is float32, whatever the dtype policy. Rows of a batch are right-padded; a row may be empty.
    Forbidden transitions and tags have a score of -1e9 instead of the learned one.

    Args:
        num_tags: K.
        use_start: learn start scores; otherwise they are 0.
        use_stop: learn stop scores; otherwise they are 0.
        transition_mask: (K, K) bool, False where a tag (row) may not be followed by a tag (column).
        start_mask: (K,) bool, False where a tag may not be the first.
        stop_mask: (K,) bool, False where a tag may not be the last.

    Raises:
        ValueError: a mask of another shape, or emissions of another width than `num_tags`.

    Source: Lafferty, McCallum and Pereira 2001.
    """

    def __init__(
        self,
        num_tags: int,
        use_start: bool = False,
        use_stop: bool = False,
        transition_mask: np.ndarray | None = None,
        start_mask: np.ndarray | None = None,
        stop_mask: np.ndarray | None = None,
        **kwargs: object,
    ) -> None:
        kwargs["dtype"] = "float32"
        super().__init__(**kwargs)
        self.supports_masking = True
        self.num_tags = num_tags
        self.use_start = use_start
        self.use_stop = use_stop
        self.transition_mask = _bool(transition_mask, (num_tags, num_tags), "transition_mask")
        self.start_mask = _bool(start_mask, (num_tags,), "start_mask")
        self.stop_mask = _bool(stop_mask, (num_tags,), "stop_mask")
        self.start: keras.Variable | None = None
        self.stop: keras.Variable | None = None

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        tags = self.num_tags
        if input_shape[-1] != tags:
            raise ValueError(f"the emissions are {input_shape[-1]} wide; {tags} tags need as many scores")
        self.transitions = self.add_weight(
            shape=(tags, tags), initializer="glorot_uniform", name="transitions"
        )
        if self.use_start:
            self.start = self.add_weight(shape=(tags,), initializer="zeros", name="start")
        if self.use_stop:
            self.stop = self.add_weight(shape=(tags,), initializer="zeros", name="stop")
        self.built = True

    def call(self, emissions: tf.Tensor, mask: tf.Tensor | None = None) -> tf.Tensor:
        """The emissions (B, T, K) as float32, unchanged."""
        return ops.cast(emissions, "float32")

    def nll(self, emissions: tf.Tensor, tags: tf.Tensor, mask: tf.Tensor) -> tf.Tensor:
        """-log P(tags | x) of every row in nats, (B,); 0 for an empty row."""
        emissions, mask, *scores = self._inputs(emissions, mask)
        return crf_recursion.negative_log_likelihood(emissions, ops.cast(tags, "int32"), mask, *scores)

    def log_partition(self, emissions: tf.Tensor, mask: tf.Tensor) -> tf.Tensor:
        """log Z(x) of every row, (B,); a constant to differentiation."""
        return crf_recursion.posterior(*map(tf.stop_gradient, self._inputs(emissions, mask)))[0]

    def marginals(self, emissions: tf.Tensor, mask: tf.Tensor) -> tf.Tensor:
        """p(y_t = k | x), (B, T, K), 0 at positions outside the mask; a constant to differentiation."""
        return crf_recursion.posterior(*map(tf.stop_gradient, self._inputs(emissions, mask)))[1]

    def viterbi(self, emissions: tf.Tensor, mask: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """The best tags (B, T) int32, 0 outside the mask, and their score (B,); ties go to the lower tag."""
        return crf_recursion.viterbi(*map(tf.stop_gradient, self._inputs(emissions, mask)))

    def potentials(self) -> dict[str, np.ndarray | None]:
        """Transitions, start and stop as arrays, without the masks; None for what is not learned."""
        start = None if self.start is None else ops.convert_to_numpy(self.start)
        stop = None if self.stop is None else ops.convert_to_numpy(self.stop)
        return {"transitions": ops.convert_to_numpy(self.transitions), "start": start, "stop": stop}

    def partition(self) -> dict[str, np.ndarray]:
        """Transitions, start and stop of log Z as arrays, with the masks; zeros for what is not learned."""
        *_, transitions, start, stop = self._inputs(ops.zeros((1, 1, self.num_tags)), ops.ones((1, 1)))
        arrays = map(ops.convert_to_numpy, (transitions, start, stop))
        return dict(zip(("transitions", "start", "stop"), arrays, strict=True))

    def _inputs(self, emissions: tf.Tensor, mask: tf.Tensor) -> tuple[tf.Tensor, ...]:
        """The arguments of the recursions: emissions, mask, transitions, start and stop."""
        nothing = ops.zeros((self.num_tags,), "float32")
        return (
            self.call(emissions),
            ops.cast(mask, "bool"),
            _masked(tf.identity(self.transitions), self.transition_mask),
            _masked(nothing if self.start is None else tf.identity(self.start), self.start_mask),
            _masked(nothing if self.stop is None else tf.identity(self.stop), self.stop_mask),
        )

    def get_config(self) -> dict[str, object]:
        masks = {name: getattr(self, name) for name in ("transition_mask", "start_mask", "stop_mask")}
        return {
            **super().get_config(),
            "num_tags": self.num_tags,
            "use_start": self.use_start,
            "use_stop": self.use_stop,
            **{name: None if mask is None else mask.tolist() for name, mask in masks.items()},
        }


def _bool(mask: np.ndarray | None, shape: tuple[int, ...], name: str) -> np.ndarray | None:
    if mask is None:
        return None
    array = np.asarray(mask, bool)
    if array.shape != shape:
        raise ValueError(f"{name} has the shape {array.shape}; expected {shape}")
    return array


def _masked(scores: tf.Tensor, allowed: np.ndarray | None) -> tf.Tensor:
    return scores if allowed is None else ops.where(allowed, scores, FORBIDDEN)
