"""The variational autoencoder for rows of equal length, which decodes all positions in parallel."""

from __future__ import annotations

from collections.abc import Mapping

import keras
import numpy as np
import tensorflow as tf
from keras import ops

from nlpx.components.heads.softmax_layer import SoftmaxHead
from nlpx.components.losses.base import Loss
from nlpx.core.build import build
from nlpx.data.items import Field
from nlpx.exported.autoencoder import MEASURED
from nlpx.layers.compiled import Compiled
from nlpx.layers.cross_entropy import sparse_cross_entropy
from nlpx.layers.dropout import Dropout
from nlpx.layers.masking import apply_mask, masked_mean
from nlpx.layers.token_embedding import TokenEmbedding
from nlpx.models.blocks import build_blocks, run_blocks
from nlpx.models.built_by_call import BuiltByCall
from nlpx.models.learner import Exportable, InferenceGraph, Learner, tensors
from nlpx.specs.autoencoder import VAESection


class VariationalAutoencoder(BuiltByCall):
    """x (B, T) -> q(z | x) over (B, L) -> p(x_t | z), a softmax at every position.

        h = pool(blocks(embed(x))),  z ~ q(z | h),  logits = head(blocks(reshape(W z + b)))

    All weights are created.
    """

    def __init__(self, spec: VAESection, *, characters: int, length: int) -> None:
        super().__init__(name="vae")
        self.length = length
        self.pooling = spec.pooling
        self.embedding = TokenEmbedding(
            characters, spec.embedding.dim, dropout=spec.embedding.dropout, name="embedding"
        )
        # The order of creation determines initial weights, that of assignment the order of variables.
        posterior = build(spec.posterior, units=spec.latent, name="posterior")
        head = SoftmaxHead(characters, tied_to=self.embedding if spec.tied else None, name="head")
        self.encoder = build_blocks("encoder", spec.encoder)
        self.posterior = posterior
        self.expand = keras.layers.Dense(length * spec.width, name="expand")
        self.decoder = build_blocks("decoder", spec.decoder)
        self.head = head
        self.drop = Dropout(spec.dropout, name="dropout")
        self.noise = keras.random.SeedGenerator()
        self({"char": tf.zeros((1, length), tf.int32), "mask": tf.ones((1, length), tf.bool)})

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


class AutoencoderLearner(Learner[VariationalAutoencoder]):
    """A variational autoencoder with its objective, and its prediction graphs."""

    def __init__(self, model: VariationalAutoencoder, objective: Loss) -> None:
        super().__init__(model, objective)
        self._measure = Compiled(self._traced_measure)
        self._encode = Compiled(lambda batch: model.encode(batch)[0])
        self._decode = Compiled(lambda z: ops.log_softmax(model.decode(z)))

    def values(self, batch: Mapping[str, tf.Tensor], training: bool) -> Mapping[str, tf.Tensor]:
        """`token_nll`, `kl`, and `mask` of a batch with `char` (B, T) and `mask`."""
        mean, log_var = self.model.encode(batch, training)
        logits = self.model.decode(self.model.sample(mean, log_var), training)
        token_nll = sparse_cross_entropy(batch["char"], logits)
        return {"token_nll": token_nll, "kl": gaussian_kl(mean, log_var), "mask": batch["mask"]}

    def measure(self, batch: Mapping[str, np.ndarray], noise: np.ndarray) -> dict[str, np.ndarray]:
        """Values of each row for evaluation.

        Args:
            batch: `char` (B, T) int32 and `mask` (B, T) bool.
            noise: standard normal, (B, K, L) float32.

        Returns:
            `mean` (B, L); `kl` (B,) in nats; `cross_entropy` (B, K), -log p(x | z_k);
            `log_weight` (B, K), log p(x, z_k) - log q(z_k | x); `best` (B, T), the ids that are most probable
            for the mean.
        """
        found = self._measure(tensors(batch), tf.constant(noise))
        return {name: value.numpy() for name, value in found.items()}

    def means(self, batch: Mapping[str, np.ndarray]) -> np.ndarray:
        """The means (B, L) float32 of q(z | x)."""
        return self._encode(tensors(batch)).numpy()

    def log_probs(self, z: np.ndarray) -> np.ndarray:
        """log p(x_t | z) for latent vectors (N, L): (N, T, V) float32."""
        return self._decode(tf.constant(z, tf.float32)).numpy()

    def exportable(self, fields: Mapping[str, Field]) -> Exportable:
        """The graphs `means`, `log_probs` and `measure`."""
        model, length = self.model, self.model.length
        latent = model.expand.kernel.shape[0]
        batch = {
            "char": tf.TensorSpec((None, length), tf.int32),
            "mask": tf.TensorSpec((None, length), tf.bool),
        }
        noise = {"noise": tf.TensorSpec((None, None, latent), tf.float32)}

        def measure(arrays: Mapping[str, tf.Tensor]) -> tuple[tf.Tensor, ...]:
            found = self._traced_measure(arrays, arrays["noise"])
            return tuple(found[name] for name in MEASURED)

        def log_probs(arrays: Mapping[str, tf.Tensor]) -> tf.Tensor:
            return ops.log_softmax(model.decode(arrays["z"]))

        z = {"z": tf.TensorSpec((None, latent), tf.float32)}
        return Exportable(
            {
                "means": InferenceGraph(lambda arrays: model.encode(arrays)[0], batch, ("mean",)),
                "log_probs": InferenceGraph(log_probs, z, ("log_probs",)),
                "measure": InferenceGraph(measure, {**batch, **noise}, MEASURED),
            }
        )

    def _traced_measure(self, batch: Mapping[str, tf.Tensor], noise: tf.Tensor) -> dict[str, tf.Tensor]:
        model, ids, mask = self.model, batch["char"], batch["mask"]
        mean, log_var = model.encode(batch)
        draws, length = ops.shape(noise)[1], model.length
        z = mean[:, None] + ops.exp(0.5 * log_var)[:, None] * noise
        logits = model.decode(ops.reshape(z, (-1, z.shape[-1])))
        # Where a graph is exported, the cross entropy of TensorFlow is NaN for probabilities of 0.
        log_probs = ops.log_softmax(logits)
        losses = -tf.gather(log_probs, ops.repeat(ids, draws, axis=0), batch_dims=2)
        real = ops.cast(mask, "float32")[:, None]
        cross_entropy = ops.sum(ops.reshape(losses, (-1, draws, length)) * real, -1)
        # log N(z; 0, 1) - log N(z; mean, var), the constants cancelled.
        ratio = 0.5 * ops.sum(log_var[:, None] + ops.square(noise) - ops.square(z), -1)
        return {
            "mean": mean,
            "kl": ops.sum(gaussian_kl(mean, log_var), -1),
            "cross_entropy": cross_entropy,
            "log_weight": ratio - cross_entropy,
            "best": tf.argmax(model.decode(mean), -1, tf.int32),
        }


def gaussian_kl(mean: tf.Tensor, log_var: tf.Tensor) -> tf.Tensor:
    """KL(N(mean, exp(log_var)) || N(0, 1)) = -(1 + log_var - mean^2 - exp(log_var)) / 2, elementwise, nats.

    Source: Kingma and Welling 2014, arXiv 1312.6114, appendix B.
    """
    return -0.5 * (1.0 + log_var - ops.square(mean) - ops.exp(log_var))
