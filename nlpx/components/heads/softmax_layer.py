"""The layer of a softmax over positions."""

from __future__ import annotations

import keras
import tensorflow as tf
from keras import ops

from nlpx.layers.cross_entropy import sparse_cross_entropy
from nlpx.layers.masking import SequenceLayer
from nlpx.layers.token_embedding import TokenEmbedding


@keras.saving.register_keras_serializable(package="nlpx")
class SoftmaxHead(SequenceLayer):
    """logits = W h + b, or logits = E P h + b with the table E of an embedding where it is tied.

    (B, T, D) floating -> (B, T, units) float32. P is a learned projection to the width of E, left out where
    h has that width.

    Args:
        units: U, number of labels.
        tied_to: embedding whose table serves as W; its vocabulary is that of the labels.

    Raises:
        ValueError: `units` differs from the size of the tied table.
    """

    def __init__(self, units: int, tied_to: TokenEmbedding | None = None, **kwargs: object) -> None:
        super().__init__(**kwargs)
        if tied_to is not None and tied_to.vocabulary_size != units:
            raise ValueError(f"{units} labels cannot share a table of {tied_to.vocabulary_size} characters")
        self.units = units
        self.tied_to = tied_to

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        width = self.units if self.tied_to is None else self.tied_to.dim
        needs_projection = self.tied_to is None or input_shape[-1] != width
        self.projection = (
            keras.layers.Dense(
                width, use_bias=self.tied_to is None, dtype=self.dtype_policy, name="projection"
            )
            if needs_projection
            else None
        )
        if self.projection is not None:
            self.projection.build(input_shape)
        if self.tied_to is not None:
            if not self.tied_to.built:
                self.tied_to.build((None, None))
            self.bias = self.add_weight(shape=(self.units,), initializer="zeros", name="bias")
        self.built = True

    def call(self, x: tf.Tensor, mask: tf.Tensor | None = None) -> tf.Tensor:
        if self.projection is not None:
            x = self.projection(x)
        if self.tied_to is not None:
            x = ops.matmul(x, ops.transpose(ops.cast(self.tied_to.embeddings, x.dtype))) + self.bias
        return ops.cast(x, "float32")

    def output_layer(self, x: tf.Tensor) -> dict[str, tf.Tensor]:
        """`hidden` (B, T, D), `output_embedding` E (U, D), `output_bias` b (U,): logits = hidden E^T + b."""
        if self.tied_to is None:
            assert self.projection is not None
            weights = tf.transpose(self.projection.kernel), tf.identity(self.projection.bias)
        else:
            x = x if self.projection is None else self.projection(x)
            weights = tf.identity(self.tied_to.embeddings), tf.identity(self.bias)
        return dict(zip(("hidden", "output_embedding", "output_bias"), (x, *weights), strict=True))

    def nll(self, logits: tf.Tensor, targets: tf.Tensor, mask: tf.Tensor) -> tf.Tensor:
        """-log p(targets) of every row in nats, (B,), summed over its real positions."""
        losses = sparse_cross_entropy(targets, logits)
        return ops.sum(losses * ops.cast(mask, "float32"), 1)

    def decoding_scores(self, logits: tf.Tensor) -> tf.Tensor:
        """The logits (B, T, U) themselves, which decoders read like log-probabilities."""
        return logits

    def get_config(self) -> dict[str, object]:
        tied = None if self.tied_to is None else keras.saving.serialize_keras_object(self.tied_to)
        return {**super().get_config(), "units": self.units, "tied_to": tied}

    @classmethod
    def from_config(cls, config: dict[str, object]) -> SoftmaxHead:
        if config["tied_to"] is not None:
            config = {**config, "tied_to": keras.saving.deserialize_keras_object(config["tied_to"])}
        return super().from_config(config)
