"""The layer of a conditional random field over positions."""

from __future__ import annotations

import keras
import numpy as np
import tensorflow as tf

from nlpx.layers.crf import CRF
from nlpx.layers.masking import SequenceLayer


@keras.saving.register_keras_serializable(package="nlpx")
class CRFHead(SequenceLayer):
    """Emissions h = W x + b of `units` tags for a `CRF` that this head owns as `crf`."""

    def __init__(
        self,
        units: int,
        use_start: bool,
        use_stop: bool,
        transition_mask: np.ndarray | None = None,
        start_mask: np.ndarray | None = None,
        stop_mask: np.ndarray | None = None,
        **kwargs: object,
    ) -> None:
        super().__init__(**kwargs)
        self.dense = keras.layers.Dense(units, dtype=self.dtype_policy, name="emissions")
        self.crf = CRF(units, use_start, use_stop, transition_mask, start_mask, stop_mask, name="crf")

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        self.dense.build(input_shape)
        self.crf.build((*input_shape[:-1], self.dense.units))
        self.built = True

    def call(self, x: tf.Tensor, mask: tf.Tensor | None = None) -> tf.Tensor:
        return self.crf(self.dense(x))

    def nll(self, emissions: tf.Tensor, targets: tf.Tensor, mask: tf.Tensor) -> tf.Tensor:
        """-log P(targets) of every row in nats, (B,)."""
        return self.crf.nll(emissions, targets, mask)

    def decoding_scores(self, emissions: tf.Tensor) -> tf.Tensor:
        """The emissions (B, T, K) themselves; Viterbi adds the potentials of `crf`."""
        return emissions

    def potentials(self) -> dict[str, np.ndarray | None]:
        """Further inputs of decoding, those of `crf`."""
        return self.crf.potentials()

    def partition(self) -> dict[str, np.ndarray]:
        """The potentials of the sum over all paths, those of `crf`."""
        return self.crf.partition()

    def get_config(self) -> dict[str, object]:
        crf = self.crf.get_config()
        names = ("use_start", "use_stop", "transition_mask", "start_mask", "stop_mask")
        return {**super().get_config(), "units": crf["num_tags"], **{name: crf[name] for name in names}}
