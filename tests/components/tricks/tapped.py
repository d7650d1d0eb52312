"""A small classifier of two texts with a tap, and objectives with closed forms."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import keras
import numpy as np
import tensorflow as tf

from nlpx.components.losses.base import Term
from nlpx.components.losses.cross_entropy import CrossEntropy
from nlpx.components.tricks.base import Objective, Trick
from nlpx.core.variable_names import VariableNames
from nlpx.layers.taps import tap
from nlpx.layers.token_embedding import TokenEmbedding
from nlpx.models.learner import Learner

TOKENS, CLASSES, DIM = 12, 3, 4
Batch = Mapping[str, np.ndarray]


class TappedModel(keras.Model):
    """Embedding, dense layer, mean; logits of the sum of both texts. One layer is used by nothing."""

    def __init__(self, dropout: float) -> None:
        super().__init__(name="tapped")
        self.embedding = TokenEmbedding(TOKENS, DIM, dropout, name="embedding")
        self.dense = keras.layers.Dense(DIM, "tanh", name="dense")
        self.head = keras.layers.Dense(CLASSES, name="head")
        self.idle = keras.layers.Dense(2, name="idle")
        self.idle.build((None, DIM))
        self(example(1))

    def build(self, input_shape: object = None) -> None:
        self.built = True

    def call(self, batch: Mapping[str, tf.Tensor], training: bool = False) -> tf.Tensor:
        vectors = 0.0
        for name in ("char", "second"):
            mask = tf.convert_to_tensor(batch[f"{name}.mask"])
            x = self.dense(self.embedding(batch[name], mask=mask, training=training))
            real = tf.cast(mask, x.dtype)[..., None]
            vectors += tf.reduce_sum(x * real, 1) / tf.maximum(tf.reduce_sum(real, 1), 1)
        return tf.cast(self.head(vectors), tf.float32)


class TappedLearner(Learner[TappedModel]):
    """Cross entropy over the rows of the mask."""

    def values(self, batch: Mapping[str, tf.Tensor], training: bool) -> Mapping[str, tf.Tensor]:
        logits = self.model(batch, training=training)
        return {"logits": logits, "target": batch["target"], "mask": batch["mask"]}


def tapped(dropout: float = 0.0) -> TappedLearner:
    """A learner with the same weights every time."""
    keras.utils.set_random_seed(5)
    return TappedLearner(TappedModel(dropout), CrossEntropy())


def example(rows: int, seed: int = 0) -> dict[str, np.ndarray]:
    """Texts of 1 to 5 tokens."""
    rng = np.random.default_rng(seed)
    batch = {"target": rng.integers(0, CLASSES, rows).astype(np.int32), "mask": np.ones(rows, bool)}
    for name, length in (("char", 5), ("second", 3)):
        batch[name] = rng.integers(0, TOKENS, (rows, length)).astype(np.int32)
        batch[f"{name}.mask"] = np.arange(length) < rng.integers(1, length + 1, rows)[:, None]
    return batch


def part(batch: Batch, rows: slice, empty: int = 0) -> dict[str, np.ndarray]:
    """Some rows, followed by empty ones."""
    return {
        name: np.concatenate([array[rows], np.zeros((empty, *array.shape[1:]), array.dtype)])
        for name, array in batch.items()
    }


class Evaluated:
    """The terms of a learner behind tricks, the first one innermost, and the gradients of the sums, by hand."""

    def __init__(self, learner: TappedLearner, *tricks: Trick) -> None:
        self.variables = learner.model.trainable_variables
        self._objective: Objective = lambda batch: learner.losses(batch, 0, training=True)
        for trick in tricks:
            trick.name_variables(VariableNames([learner.model]))
            trick.build(self.variables)
            self._objective = trick.objective(self._objective, self.variables)

    def __call__(self, batch: Batch) -> tuple[dict[str, tuple[float, float, float]], list[np.ndarray | None]]:
        with tf.GradientTape() as tape:
            terms = self._objective({name: tf.constant(array) for name, array in batch.items()})
            loss = tf.add_n([term.coefficient * term.sum for term in terms.values()])
        found = tape.gradient(loss, [variable.value for variable in self.variables])
        gradients = [None if g is None else tf.convert_to_tensor(g).numpy() for g in found]
        numbers = {name: tuple(float(number) for number in term) for name, term in terms.items()}
        return numbers, gradients  # type: ignore[return-value]  # three numbers each


def objective_of(
    function: Callable[[tf.Tensor], tf.Tensor],
) -> Callable[[Mapping[str, tf.Tensor]], Mapping[str, Term]]:
    """The sum over rows of a function (B, T, D) -> (B,) of the tap, divided by the number of rows."""

    def objective(batch: Mapping[str, tf.Tensor]) -> Mapping[str, Term]:
        losses = function(tap("embedding", batch["vectors"]))
        return {"loss": Term(tf.reduce_sum(losses), tf.cast(tf.shape(losses)[0], tf.float32))}

    return objective


def vectors(*shape: int, seed: int = 0) -> tf.Tensor:
    return tf.constant(np.random.default_rng(seed).normal(size=shape), tf.float32)


def same(one: Sequence[np.ndarray | None], other: Sequence[np.ndarray | None], atol: float = 1e-5) -> None:
    """Gradients are equal up to rounding, None included."""
    for a, b in zip(one, other, strict=True):
        assert (a is None) == (b is None)
        if a is not None and b is not None:
            np.testing.assert_allclose(a, b, rtol=1e-4, atol=atol)
