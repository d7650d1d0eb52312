"""State and progress."""

from __future__ import annotations

import keras
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlpx.components.tricks.ema import EMA
from nlpx.engine.loss_scale import LossScale
from nlpx.engine.state import Progress, State
from nlpx.engine.step import TrainStep
from nlpx.engine.sums import Sums
from nlpx.engine.update import Update
from nlpx.errors import CheckpointError
from tests.engine.toy import ToyLearner, make_batch

FLOATS = st.floats(allow_nan=False, allow_infinity=False)


@given(FLOATS, FLOATS, st.integers(0, 2**40), st.lists(st.tuples(st.integers(0, 99), FLOATS)))
def test_progress_keeps_every_bit(
    loss: float, weight: float, step: int, best: list[tuple[int, float]]
) -> None:
    sums = Sums(3, 1, {"main/0": (loss, weight)}, {"loss": (loss, 1.0)}, {"main": (0.1, 3.0)}, {"main": 0.2})
    progress = Progress(step=step, interval=sums, best=best, reference=loss, offsets={"指标": 7})
    assert Progress.from_json(progress.to_json().encode()) == progress


def made(*, dim: int = 8, ema: int = 1, scale: int = 0) -> tuple[ToyLearner, Update, State]:
    learner = ToyLearner(dim)
    update = Update(
        learner,
        keras.optimizers.Adam(0.01),
        [EMA(momentum=0.9)] if ema else [],
        loss_scale=LossScale() if scale else None,
    )
    return learner, update, State(TrainStep(learner, [update]))


def test_state_is_complete() -> None:
    """Another process's state, restored, goes on bit for bit, dropout included."""
    _, step, state = made(scale=1)
    batches = [[make_batch(np.random.default_rng(seed), 8, 5)] for seed in range(8)]
    for batch in batches[:4]:
        step(batch)
    saved = {name: array.copy() for name, array in state.arrays().items()}
    expected = [step(batch) for batch in batches[4:]]
    _, other_step, other = made(scale=1)  # other seeds, other weights, other auto-generated names
    other_step(batches[0])
    other.restore(saved, Progress(step=4))
    assert other.progress.step == 4
    assert [other_step(batch) for batch in batches[4:]] == expected
    for first, second in zip(state.arrays().values(), other.arrays().values(), strict=True):
        np.testing.assert_array_equal(first, second)


def test_names_say_where_a_variable_belongs() -> None:
    arrays = made(scale=1)[2].arrays()
    assert {name.split("/")[0] for name in arrays} == {"model", "optimizer", "tricks", "loss_scale"}
    seeds = [name for name, array in arrays.items() if array.dtype.kind in "iu" and array.shape == (2,)]
    assert [name.split("/")[0] for name in seeds] == ["model"]


@pytest.mark.parametrize(
    ("other", "message"),
    [
        (
            {"dim": 9},
            r"model/0000 \(toy/embedding/embeddings\) is float32\[20, 8\].*, expected .*\[20, 9\]",
        ),
        ({"ema": 0}, r"tricks/main/0000 is only in the checkpoint"),
        ({"scale": 1}, r"loss_scale/main/0000 \(loss_scale\) is not in the checkpoint"),
    ],
)
def test_a_state_of_another_model_is_explained_and_nothing_changes(
    other: dict[str, int], message: str
) -> None:
    arrays = made()[2].arrays()
    state = made(**other)[2]
    before = state.arrays()
    with pytest.raises(CheckpointError, match=message):
        state.restore(arrays, Progress(step=9))
    assert state.progress.step == 0
    for name, array in state.arrays().items():
        np.testing.assert_array_equal(array, before[name])


def test_evaluation_weights_are_put_in_and_taken_out() -> None:
    learner, step, state = made()
    for seed in range(3):
        step([make_batch(np.random.default_rng(seed), 8, 5)])
    before = state.arrays()
    average = step.tricks[0].evaluation([np.zeros(1, np.float32)] * len(step.weights))
    with pytest.raises(KeyError), TrainStep(learner, [step]).evaluating():
        for weight, expected in zip(learner.model.weights, average, strict=True):
            np.testing.assert_array_equal(weight.value.numpy(), expected)
        assert np.abs(average[0] - before["model/0000"]).max() > 0
        raise KeyError
    for name, array in state.arrays().items():
        np.testing.assert_array_equal(array, before[name])
