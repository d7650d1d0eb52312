"""Lazy embeddings against Adam by rows in NumPy."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from nlpx.components.tricks.base import value_of
from nlpx.components.tricks.gradient_noise import GradientNoise
from nlpx.components.tricks.lazy import Lazy
from nlpx.layers import adam
from tests.components.tricks.harness import Updates, weight

ROWS = 5


def table() -> keras.Variable:
    return weight(np.random.default_rng(0).standard_normal((ROWS, 3)), "embeddings")


def gradient(step: int, *rows: int) -> np.ndarray:
    """Of a batch that holds some rows; one of its elements is 0."""
    values = np.zeros((ROWS, 3), np.float32)
    values[list(rows)] = np.random.default_rng(step).standard_normal((len(rows), 3))
    values[list(rows), 0] = 0
    return values


BATCHES = [gradient(0, 0, 1), gradient(1, 1, 2), gradient(2, 2), gradient(3, 0, 2)]


@pytest.mark.parametrize("make", [adam.Adam, keras.optimizers.Adam])
@pytest.mark.parametrize("slots", [True, False])
def test_adam_by_rows(slots: bool, make: type) -> None:
    """Moments of absent rows stay, or decay; the correction counts all updates."""
    embeddings = table()
    w, m, v = value_of(embeddings).astype(np.float64), np.zeros((ROWS, 3)), np.zeros((ROWS, 3))
    updates = Updates([embeddings], make(0.1), Lazy(slots=slots))
    for t, g in enumerate(BATCHES, start=1):
        updates(g)
        present = (g != 0).any(-1)
        moved = present if slots else np.ones(ROWS, bool)
        m[moved] = 0.9 * m[moved] + 0.1 * g[moved]
        v[moved] = 0.999 * v[moved] + 0.001 * g[moved] ** 2
        step = 0.1 * (m / (1 - 0.9**t)) / (np.sqrt(v / (1 - 0.999**t)) + 1e-7 / np.sqrt(1 - 0.999**t))
        w[present] -= step[present]
    np.testing.assert_allclose(value_of(embeddings), w, atol=1e-5)


@pytest.mark.parametrize("name", ["SGD", "Adam", "AdamW", "RMSprop", "Nadam", "Lion", "ScheduleFreeAdamW"])
def test_absent_rows_stay_bit_for_bit(name: str) -> None:
    """With their state, whatever the optimizer; without the trick, one of the two changes."""
    for lazy in (True, False):
        embeddings = table()
        make = getattr(keras.optimizers, name)
        optimizer = make(0.1, momentum=0.9) if name == "SGD" else make(0.1)
        updates = Updates([embeddings], optimizer, *([Lazy()] if lazy else []))
        updates(BATCHES[0])
        state = [v for v in updates.optimizer.variables if tuple(v.shape) == (ROWS, 3)]
        before = [value_of(variable) for variable in (embeddings, *state)]
        updates(BATCHES[2])
        after = [value_of(variable) for variable in (embeddings, *state)]
        assert (after[0][2] != before[0][2])[1:].all()
        absent = [0, 1, 3, 4]
        same = [np.array_equal(new[absent], old[absent]) for new, old in zip(after, before, strict=True)]
        assert all(same) == lazy


@pytest.mark.parametrize(("make", "moved"), [(keras.optimizers.Adam, 0.067), (keras.optimizers.SGD, 0.08)])
def test_what_momentum_does_to_a_row_of_the_first_batch(
    make: type[keras.optimizers.Optimizer], moved: float
) -> None:
    options = {"momentum": 0.8} if make is keras.optimizers.SGD else {}
    for tricks, expected in (([], moved), ([Lazy()], 0.0)):
        embeddings = weight(np.zeros((2, 1)), "embeddings")
        updates = Updates([embeddings], make(0.1, **options), *tricks)
        before = updates([[1.0], [0.0]])[0]
        after = updates([[0.0], [1.0]])[0]
        assert float(np.abs(after - before)[0, 0]) == pytest.approx(expected, abs=5e-4)


def test_rows_are_those_of_the_place_in_the_list() -> None:
    """Noise that comes later does not make a row present."""
    embeddings = table()
    before = value_of(embeddings)
    after = Updates([embeddings], keras.optimizers.Adam(0.1), Lazy(), GradientNoise())(BATCHES[0])[0]
    assert (after != before).any(-1).tolist() == [True, True, False, False, False]


def test_other_variables_and_tables_without_gradient_are_left_to_the_optimizer() -> None:
    embeddings, other = table(), weight(np.ones((ROWS, 3)), "kernel")
    trick = Lazy()
    updates = Updates([embeddings, other], keras.optimizers.SGD(0.1), trick)
    after = updates(None, BATCHES[0])
    np.testing.assert_allclose(after[1], 1 - 0.1 * BATCHES[0], rtol=1e-6)
    assert trick.describe() == ["lazy: rows of: 1 variable: embeddings"]
