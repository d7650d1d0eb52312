"""Mixup: mixtures of two rows, with the classes of both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar, Literal

from nlpx.components.losses.base import Term
from nlpx.components.tricks.base import Arrays, Objective, Tensors, Trick
from nlpx.components.tricks.row_numbers import uniform
from nlpx.components.varying import Varying, now
from nlpx.core.lazy import keras, np, tf
from nlpx.core.options import PositiveFloat
from nlpx.errors import ConfigError
from nlpx.layers.taps import replacing

CLASS, PARTNER, SHARE = "label", "mixup.partner", "mixup.share"
"""Fields of a batch: the class of a row, the row that it is mixed with, its share of the mixture."""


class Mixup(Trick):
    """Train on mixtures of two rows, with the classes of both.

    x_i <- s * x_i + (1 - s) * x_j,  L_i = s * L(x_i, y_i) + (1 - s) * L(x_i, y_j),  s ~ Beta(alpha, alpha)

    j is another row of the batch, a different one for each i; s is that of an update.

    Options:
        alpha: near 0, s is near 0 or 1; 1 draws it uniformly; large values give halves.
        at: what is mixed: an image, or the feature, the input of the layer that scores the classes.
    Shapes: image (B, S, S, C) or feature (B, D); label (B,).
    Data: rows with one class each.
    Relations: against overfitting of classifiers, and for probabilities that are less sure. A step costs two
        forward and backward passes. Texts have different lengths, so they are mixed as features. Partners and
        shares follow from the seed of the experiment, the epoch and the rows of a batch, which therefore must
        be whole: it excludes accumulation.
    Reference: Zhang et al. 2018, arXiv 1710.09412; features of sentences: Guo et al. 2019, arXiv 1905.08941.
    Example:
        task: sentiment
        tricks:
          - {type: mixup, alpha: 0.4, at: feature}
    """

    whole_batch: ClassVar[bool] = True
    excludes: ClassVar = {"trick/mixup": "the classes of more than two rows would be needed; choose one"}

    type: Literal["mixup"] = "mixup"
    alpha: Varying[PositiveFloat] = 0.4
    at: Literal["image", "feature"] = "image"

    @property
    def reads(self) -> frozenset[str]:
        return frozenset({self.at, "target"})

    def data(self, batch: Arrays, rows: np.ndarray, epoch: int, seed: int) -> Arrays:
        real = np.flatnonzero(batch["mask"].any(1)) if "mask" in batch else np.arange(len(rows))
        ring = real[np.argsort(uniform((seed, epoch), rows[real], 1)[:, 0], kind="stable")]
        partners = np.arange(len(rows), dtype=np.int32)
        partners[ring] = np.roll(ring, 1)
        alpha = float(now(self.alpha))
        share = np.random.default_rng([seed, epoch, *rows[real].tolist()]).beta(alpha, alpha)
        return {**batch, PARTNER: partners, SHARE: np.full(len(rows), share, np.float32)}

    def objective(self, objective: Objective, variables: Sequence[keras.Variable]) -> Objective:
        def mixed(batch: Tensors) -> Mapping[str, Term]:
            partners, shares = batch[PARTNER], batch[SHARE]
            found: list[tf.Tensor] = []

            def mix(tensor: tf.Tensor) -> tf.Tensor:
                found.append(tensor)
                share = tf.cast(tf.reshape(shares, [-1] + [1] * (len(tensor.shape) - 1)), tensor.dtype)
                return share * tensor + (1 - share) * tf.gather(tensor, partners)

            with replacing(self.at, mix):
                own = objective(batch)
                others = objective({**batch, CLASS: tf.gather(batch[CLASS], partners)})
            if not found:
                raise ConfigError(
                    f"tricks: the model has no tap `{self.at}`. Remove mixup, or change its `at`."
                )
            share = shares[0]
            return {
                name: term._replace(sum=share * term.sum + (1 - share) * others[name].sum)
                for name, term in own.items()
            }

        return mixed
