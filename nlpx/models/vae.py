"""The variational autoencoder of rows of one length: all positions are decoded at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import keras
import numpy as np
import tensorflow as tf
from keras import ops

from nlpx.components.heads.softmax_layer import SoftmaxHead
from nlpx.components.losses.base import Loss, Term
from nlpx.core.build import build, implementation
from nlpx.layers.masking import apply_mask, masked_mean
from nlpx.layers.token_embedding import TokenEmbedding
from nlpx.losses.elbo import gaussian_kl
from nlpx.models.blocks import build_blocks, run_blocks
from nlpx.specs.autoencoder import VAESection
from nlpx.specs.losses import LossSpec

Pooling = Literal["mean", "flatten"]


class VariationalAutoencoder(keras.Model):
    """x (B, T) -> q(z | x) over (B, L) -> p(x_t | z), one softmax a position.

        h = pool(blocks(embed(x))),  z ~ q(z | h),  logits = head(blocks(reshape(W z + b)))

    Args:
        embedding: layer ids (B, T), mask -> (B, T, D).
        encoder: blocks (B, T, D), mask -> (B, T, D').
        pooling: over positions.
        posterior: (B, P), rows -> mean and log_var (B, L) float32.
        expand: dense layer L -> T * W.
        decoder: blocks (N, T, W) -> (N, T, W').
        head: (N, T, W') -> logits (N, T, V) float32.
        length: T.
        dropout: share of the elements before the head that is dropped in training.
        counts: count the batches of training, for losses that change with them.
    """

    def __init__(
        self,
        embedding: keras.layers.Layer,
        encoder: Sequence[keras.layers.Layer],
        pooling: Pooling,
        posterior: keras.layers.Layer,
        expand: keras.layers.Layer,
        decoder: Sequence[keras.layers.Layer],
        head: keras.layers.Layer,
        length: int,
        dropout: float = 0.0,
        counts: bool = False,
    ) -> None:
        super().__init__(name="vae")
        self.embedding = embedding
        self.encoder = list(encoder)
        self.pooling = pooling
        self.posterior = posterior
        self.expand = expand
        self.decoder = list(decoder)
        self.head = head
        self.length = length
        self.drop = keras.layers.Dropout(dropout, name="dropout")
        self.noise = keras.random.SeedGenerator()
        # How many batches were trained on: what annealing depends on is part of every checkpoint.
        self.batches = (
            self.add_weight(shape=(), dtype="int32", initializer="zeros", trainable=False, name="batches")
            if counts
            else None
        )

    def encode(self, batch: Mapping[str, tf.Tensor], training: bool = False) -> tuple[tf.Tensor, tf.Tensor]:
        """Mean and log_var (B, L) float32 of q(z | x), for `char` (B, T) int32 and `mask` (B, T) bool."""
        mask = batch["mask"]
        x = self.embedding(batch["char"], mask=mask, training=training)
        x = run_blocks(self.encoder, x, mask, training)
        return self.posterior(self._pool(apply_mask(x, mask), mask), rows=mask[:, 0], training=training)

    def _pool(self, x: tf.Tensor, mask: tf.Tensor) -> tf.Tensor:
        if self.pooling == "flatten":
            return ops.reshape(x, (-1, self.length * x.shape[-1]))
        return masked_mean(x, mask)

    def decode(self, z: tf.Tensor, training: bool = False) -> tf.Tensor:
        """Logits (N, T, V) float32 for latent vectors (N, L)."""
        x = self.expand(z)
        x = ops.reshape(x, (-1, self.length, x.shape[-1] // self.length))
        x = run_blocks(self.decoder, x, training=training)
        return self.head(self.drop(x, training=training))

    def sample(self, mean: tf.Tensor, log_var: tf.Tensor) -> tf.Tensor:
        """z = mean + exp(log_var / 2) * eps, eps ~ N(0, 1)."""
        noise = keras.random.normal(ops.shape(mean), dtype="float32", seed=self.noise)
        return mean + ops.exp(0.5 * log_var) * noise

    def call(self, batch: Mapping[str, tf.Tensor], training: bool = False) -> tf.Tensor:
        """Logits (B, T, V) of a sample of q(z | x)."""
        return self.decode(self.sample(*self.encode(batch, training)), training)


class AutoencoderProblem:
    """A variational autoencoder with the loss that trains it, and its prediction graphs."""

    def __init__(self, model: VariationalAutoencoder, loss: LossSpec) -> None:
        self.model = model
        self._loss = implementation(type(loss))(**loss.options())
        self._measure = tf.function(self._traced_measure, reduce_retracing=True)
        self._encode = tf.function(lambda batch: model.encode(batch)[0], reduce_retracing=True)
        self._decode = tf.function(lambda z: ops.log_softmax(model.decode(z)), reduce_retracing=True)

    def loss(self, batch: Mapping[str, tf.Tensor], training: bool) -> tuple[tf.Tensor, tf.Tensor]:
        """Sum of the loss over a batch with `char` (B, T) and `mask`, and the number of its rows."""
        model = self.model
        mean, log_var = model.encode(batch, training)
        logits = model.decode(model.sample(mean, log_var), training)
        total, rows = self._loss(
            _cross_entropy(batch["char"], logits),
            gaussian_kl(mean, log_var),
            batch["mask"],
            0 if model.batches is None else ops.convert_to_tensor(model.batches),
        )
        if training and model.batches is not None:
            model.batches.assign_add(1)
        return total, rows

    @property
    def objectives(self) -> Sequence[Loss]:
        """Those whose variables are trained and saved with the model."""
        return ()

    def losses(self, batch: Mapping[str, tf.Tensor], step: tf.Tensor, training: bool) -> Mapping[str, Term]:
        """The terms of the objective over a batch; `step` is the number of updates made so far."""
        return {"loss": Term(*self.loss(batch, training))}

    def measure(self, batch: Mapping[str, np.ndarray], noise: np.ndarray) -> dict[str, np.ndarray]:
        """What evaluation needs of every row.

        Args:
            batch: `char` (B, T) int32 and `mask` (B, T) bool.
            noise: standard normal, (B, K, L) float32.

        Returns:
            `mean` (B, L); `kl` (B,) in nats; `cross_entropy` (B, K), -log p(x | z_k);
            `log_weight` (B, K), log p(x, z_k) - log q(z_k | x); `best` (B, T), the ids that are most probable
            for the mean.
        """
        found = self._measure({name: tf.constant(v) for name, v in batch.items()}, tf.constant(noise))
        return {name: value.numpy() for name, value in found.items()}

    def means(self, batch: Mapping[str, np.ndarray]) -> np.ndarray:
        """The means (B, L) float32 of q(z | x)."""
        return self._encode({name: tf.constant(v) for name, v in batch.items()}).numpy()

    def log_probs(self, z: np.ndarray) -> np.ndarray:
        """log p(x_t | z) for latent vectors (N, L): (N, T, V) float32."""
        return self._decode(tf.constant(z, tf.float32)).numpy()

    def _traced_measure(self, batch: Mapping[str, tf.Tensor], noise: tf.Tensor) -> dict[str, tf.Tensor]:
        model, ids, mask = self.model, batch["char"], batch["mask"]
        mean, log_var = model.encode(batch)
        draws, length = ops.shape(noise)[1], model.length
        z = mean[:, None] + ops.exp(0.5 * log_var)[:, None] * noise
        logits = model.decode(ops.reshape(z, (-1, z.shape[-1])))
        losses = _cross_entropy(ops.repeat(ids, draws, axis=0), logits)
        real = ops.cast(mask, "float32")[:, None]
        cross_entropy = ops.sum(ops.reshape(losses, (-1, draws, length)) * real, -1)
        # log N(z; 0, 1) - log N(z; mean, var), the constants cancelled.
        ratio = 0.5 * ops.sum(log_var[:, None] + ops.square(noise) - ops.square(z), -1)
        return {
            "mean": mean,
            "kl": ops.sum(gaussian_kl(mean, log_var), -1),
            "cross_entropy": cross_entropy,
            "log_weight": ratio - cross_entropy,
            "best": ops.argmax(model.decode(mean), -1),
        }


def _cross_entropy(ids: tf.Tensor, logits: tf.Tensor) -> tf.Tensor:
    """-log p(ids) in nats at every position, (N, T)."""
    return tf.nn.sparse_softmax_cross_entropy_with_logits(ids, logits)


def build_autoencoder(
    spec: VAESection, *, characters: int, length: int, counts: bool = False
) -> VariationalAutoencoder:
    """A variational autoencoder from its section, with every weight created.

    Args:
        spec: the section `model`.
        characters: size of the vocabulary.
        length: characters of a row.
        counts: count the batches of training.
    """
    embedding = TokenEmbedding(
        characters, spec.embedding.dim, dropout=spec.embedding.dropout, name="embedding"
    )
    posterior = build(spec.posterior, units=spec.latent, name="posterior")
    head = SoftmaxHead(characters, tied_to=embedding if spec.tied else None, name="head")
    model = VariationalAutoencoder(
        embedding,
        build_blocks("encoder", spec.encoder),
        spec.pooling,
        posterior,
        keras.layers.Dense(length * spec.width, name="expand"),
        build_blocks("decoder", spec.decoder),
        head,
        length,
        spec.dropout,
        counts,
    )
    model({"char": tf.zeros((1, length), tf.int32), "mask": tf.ones((1, length), tf.bool)})
    return model
