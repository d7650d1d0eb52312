"""One softmax over whole tag sequences."""

from __future__ import annotations

import keras
import numpy as np
import tensorflow as tf

from nlpx.layers.crf import CRF


@keras.saving.register_keras_serializable(package="nlpx")
class CRFHead(keras.layers.Layer):
    """Emissions h = W x + b for a CRF that this head owns as `crf`.

    (B, T, D) floating -> (B, T, units) float32.

    Args:
        units: K, number of tags.
        use_start, use_stop, transition_mask, start_mask, stop_mask: see `CRF`.
    """

    def __init__(
        self,
        units: int,
        use_start: bool = False,
        use_stop: bool = False,
        transition_mask: np.ndarray | None = None,
        start_mask: np.ndarray | None = None,
        stop_mask: np.ndarray | None = None,
        **kwargs: object,
    ) -> None:
        super().__init__(**kwargs)
        self.supports_masking = True
        self.units = units
        self.dense = keras.layers.Dense(units, dtype=self.dtype_policy, name="emissions")
        self.crf = CRF(units, use_start, use_stop, transition_mask, start_mask, stop_mask, name="crf")

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        self.dense.build(input_shape)
        self.crf.build((*input_shape[:-1], self.units))
        self.built = True

    def call(self, x: tf.Tensor, mask: tf.Tensor | None = None) -> tf.Tensor:
        return self.crf(self.dense(x))

    def nll(self, emissions: tf.Tensor, targets: tf.Tensor, mask: tf.Tensor) -> tf.Tensor:
        """-log P(targets) of every row in nats, (B,)."""
        return self.crf.nll(emissions, targets, mask)

    def decoding_scores(self, emissions: tf.Tensor) -> tf.Tensor:
        """The emissions (B, T, K) themselves; Viterbi adds the potentials of `crf`."""
        return emissions

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return (*input_shape[:-1], self.units)

    def compute_output_spec(self, x: keras.KerasTensor, mask: object = None) -> keras.KerasTensor:
        return keras.KerasTensor(self.compute_output_shape(x.shape), dtype="float32")

    def get_config(self) -> dict[str, object]:
        crf = self.crf.get_config()
        names = ("use_start", "use_stop", "transition_mask", "start_mask", "stop_mask")
        return {**super().get_config(), "units": self.units, **{name: crf[name] for name in names}}
