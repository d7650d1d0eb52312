"""Adagrad by rows: the formula, and the same result from rows as from the whole table."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf

from nlpx.components.losses.base import Term
from nlpx.components.optimizers.row_adagrad import RowAdagrad
from nlpx.components.tricks.gradient_clip import GradientClip
from nlpx.engine.update import Update

RNG = np.random.default_rng(0)


@pytest.mark.parametrize("shape", [(), (4,), (4, 3), (4, 3, 2)])
def test_the_formula(shape: tuple[int, ...]) -> None:
    variable = keras.Variable(RNG.normal(size=shape).astype(np.float32))
    optimizer = RowAdagrad(learning_rate=0.3, epsilon=1e-3).build(None)
    optimizer.build([variable])
    expected = variable.numpy().astype(np.float64)
    squares = np.zeros(shape[:1])
    for _ in range(3):
        gradient = RNG.normal(size=shape)
        optimizer.apply([gradient.astype(np.float32)])
        squares = squares + (gradient**2).mean(tuple(range(1, len(shape))))
        factor = 0.3 / np.sqrt(squares + 1e-3)
        expected = expected - gradient * factor.reshape(shape[:1] + (1,) * (len(shape) - 1))
    np.testing.assert_allclose(variable.numpy(), expected, rtol=1e-5, atol=1e-6)


class Table(keras.Model):
    """A table of 50 rows, of which a batch looks up a few."""

    def __init__(self) -> None:
        super().__init__()
        self.table = keras.layers.Embedding(50, 4, name="table")
        self.table.build((None,))
        self.scale = self.add_weight(shape=(4,), initializer="ones", name="scale")
        self.built = True


class Lookup:
    """Half the squared length of the rows that a batch looks up, which may be the same row twice."""

    objectives = ()

    def __init__(self) -> None:
        self.model = Table()

    def losses(self, batch: dict[str, tf.Tensor], step: tf.Tensor, training: bool) -> dict[str, Term]:
        rows = self.model.table(batch["ids"]) * self.model.scale
        real = tf.cast(batch["mask"], tf.float32)
        return {"loss": Term(tf.reduce_sum(real * tf.reduce_sum(rows**2, -1)), tf.reduce_sum(real))}


IDS = [np.array(ids, np.int32) for ids in ([3, 3, 7, 9], [7, 3, 20, 20], [1, 1, 1, 1])]


def trained(accumulation: int = 1, **options: object) -> tuple[list[np.ndarray], float, bool]:
    """The variables after three updates, a gradient norm, and whether updates were by rows."""
    keras.utils.set_random_seed(1)
    learner = Lookup()
    update = Update(learner, RowAdagrad().build(None), accumulation=accumulation, **options)  # type: ignore[arg-type]
    for number, ids in enumerate(IDS):
        batch = {"ids": ids, "mask": np.array([True, True, True, number > 0])}
        parts = [{name: array[k::accumulation] for name, array in batch.items()} for k in range(accumulation)]
        result = update(parts, number)
    variables = (learner.model.table.embeddings, learner.model.scale)
    return [variable.numpy() for variable in variables], result.gradient_norm, update._by_rows


def test_rows_give_what_the_whole_table_gives() -> None:
    rows, norm, by_rows = trained()
    assert by_rows
    for other, expected in (
        (trained(accumulation=2), True),
        (trained(tricks=[GradientClip(norm=1e9)]), False),
        (trained(xla=True), True),
    ):
        for array, same in zip(rows, other[0], strict=True):
            np.testing.assert_allclose(array, same, rtol=1e-5, atol=1e-7)
        assert other[1] == pytest.approx(norm, rel=1e-5)
        assert other[2] == expected
    keras.utils.set_random_seed(1)
    fresh = Lookup().model.table.embeddings.numpy()
    absent = np.setdiff1d(np.arange(50), np.concatenate(IDS))
    np.testing.assert_array_equal(rows[0][absent], fresh[absent])
