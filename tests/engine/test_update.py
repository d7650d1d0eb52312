"""The compiled update against plain gradients."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Literal

import keras
import numpy as np
import pytest
import tensorflow as tf
from pydantic import PrivateAttr

from nlpx.components.tricks.base import Trick, value_of
from nlpx.components.tricks.ema import EMA
from nlpx.components.tricks.gradient_clip import GradientClip
from nlpx.engine.loss_scale import LossScale
from nlpx.engine.update import FEW, Update, UpdateResult, floating
from tests.engine.toy import ToyLearner, ToyModel, make_batch

if TYPE_CHECKING:
    from nlpx.components.tricks.base import Pair


def toy_batch(seed: int, rows: int = 8, length: int = 6) -> dict[str, np.ndarray]:
    return make_batch(np.random.default_rng(seed), rows, length)


def fresh(dropout: float = 0.0) -> ToyLearner:
    keras.utils.set_random_seed(5)
    return ToyLearner(dropout=dropout)


def weights(learner: ToyLearner) -> list[np.ndarray]:
    return [value_of(weight) for weight in learner.model.weights]


def largest_difference(first: list[np.ndarray], second: list[np.ndarray]) -> float:
    return max(float(np.abs(a - b).max()) for a, b in zip(first, second, strict=True))


def weight_of(result: UpdateResult) -> float:
    return result.sums.losses["main/0"][1]


def optimizers() -> list[keras.optimizers.Optimizer]:
    return [keras.optimizers.SGD(0.5), keras.optimizers.Adam(0.01)]


@pytest.mark.parametrize(("which", "xla"), [(0, False), (1, False), (1, True)])
def test_f14_accumulation_equals_the_union_in_one_batch(which: int, xla: bool) -> None:
    """Micro-batches of unequal weight; one of them empty."""
    parts = [toy_batch(seed, rows) for seed, rows in ((0, 3), (1, 9), (2, 4), (3, 8))]
    parts[2]["mask"][:] = False
    union = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    split, whole = fresh(), fresh()
    accumulate = Update(split, optimizers()[which], [GradientClip(norm=0.3)], accumulation=4, xla=xla)
    at_once = Update(whole, optimizers()[which], [GradientClip(norm=0.3)], xla=xla)
    for _ in range(3):
        first, second = accumulate(parts), at_once([union])
        assert weight_of(first) == weight_of(second)
        assert sum(first.losses) == pytest.approx(sum(second.losses), rel=1e-5)
        assert first.gradient_norm == pytest.approx(second.gradient_norm, rel=1e-4)
    assert largest_difference(weights(split), weights(whole)) <= 1e-6


def test_one_step_of_gradient_descent_by_hand() -> None:
    learner, batch = fresh(), toy_batch(0)
    before = weights(learner)
    with tf.GradientTape() as tape:
        loss, weight = learner.loss(batch, training=True)
        mean = loss / weight
    variables = [v.value for v in learner.model.trainable_variables]
    gradients = [np.array(tf.convert_to_tensor(g)) for g in tape.gradient(mean, variables)]
    result = Update(learner, keras.optimizers.SGD(0.5))([batch])
    assert result.finite
    assert result.losses == pytest.approx([float(loss)], rel=1e-6)
    assert weight_of(result) == float(batch["mask"].sum())
    assert result.sums.learning_rate == 0.5
    norm = np.sqrt(sum(float((g**2).sum()) for g in gradients))
    assert result.gradient_norm == pytest.approx(norm, rel=1e-5)
    expected = [w - 0.5 * g for w, g in zip(before, gradients, strict=True)]
    assert largest_difference(weights(learner), expected) < 1e-6


@pytest.mark.parametrize("accumulation", [1, 2])
def test_a_batch_without_weight_changes_nothing(accumulation: int) -> None:
    learner, batch = fresh(), toy_batch(0)
    batch["mask"][:] = False
    before = weights(learner)
    step = Update(learner, keras.optimizers.SGD(0.5), accumulation=accumulation)
    result = step([batch] * accumulation)
    assert (sum(result.losses), weight_of(result), result.gradient_norm, result.finite) == (
        0.0,
        0.0,
        0.0,
        True,
    )
    assert largest_difference(weights(learner), before) == 0


def test_every_shape_is_compiled_once() -> None:
    step = Update(fresh(), keras.optimizers.SGD(0.1))
    for seed in range(12):
        step([toy_batch(seed, 8, 4 + seed % 3)])
    assert step.traces == 3
    accumulating = Update(fresh(), keras.optimizers.SGD(0.1), accumulation=3)
    for seed in range(12):
        accumulating([toy_batch(seed + i, 8, 4 + i % 2) for i in range(1 + seed % 3)])
    assert accumulating.traces == 2


@pytest.mark.parametrize("accumulation", [1, 2])
def test_a_run_of_few_updates_is_compiled_once_for_all_sizes(accumulation: int) -> None:
    few, many = (
        Update(fresh(), keras.optimizers.SGD(0.1), accumulation=accumulation, total=total)
        for total in (FEW, FEW + 1)
    )
    for seed in range(4):
        batches = [toy_batch(seed + i, 8 - i, 4 + seed % 3) for i in range(accumulation)]
        np.testing.assert_allclose(few(batches).losses, many(batches).losses, rtol=1e-6)
    assert few.traces == 1 < many.traces


@pytest.mark.parametrize("accumulation", [1, 2])
@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_loss_that_is_not_finite_is_told(accumulation: int, bad: float) -> None:
    step = Update(fresh(), keras.optimizers.Adam(0.1), accumulation=accumulation)
    good = {**toy_batch(0), "factor": np.array(1.0, np.float32)}
    assert step([good] * accumulation).finite
    result = step([good] * (accumulation - 1) + [{**good, "factor": np.array(bad, np.float32)}])
    assert not result.finite
    assert not np.isfinite(sum(result.losses))
    assert np.isfinite(result.losses[:-1]).all()


@pytest.mark.parametrize("accumulation", [1, 2])
def test_with_a_loss_scale_such_an_update_changes_no_weight(accumulation: int) -> None:
    learner, ema, adam = fresh(), EMA(momentum=0.5), keras.optimizers.Adam(0.1)
    step = Update(learner, adam, [ema], accumulation=accumulation, loss_scale=LossScale())
    good = {**toy_batch(0), "factor": np.array(1.0, np.float32)}
    assert step([good] * accumulation).finite
    before = [value_of(v) for v in (*learner.model.weights, *adam.variables, *ema.variables)]
    bad = {**good, "factor": np.array(np.nan, np.float32)}
    assert not step([good] * (accumulation - 1) + [bad]).finite
    after = [value_of(v) for v in (*learner.model.weights, *adam.variables, *ema.variables)]
    assert largest_difference(after, before) == 0
    assert step([good] * accumulation).finite  # the sums of the bad update are gone


class BadGradient(ToyLearner):
    """Finite loss, infinite gradient: sqrt at 0."""

    def loss(self, batch: Mapping[str, tf.Tensor], training: bool) -> tuple[tf.Tensor, tf.Tensor]:
        loss, weight = super().loss(batch, training)
        return loss + tf.sqrt(tf.reduce_sum(self.model.head.kernel.value) * 0.0), weight


def test_a_gradient_that_is_not_finite_is_told() -> None:
    result = Update(BadGradient(dropout=0.0), keras.optimizers.SGD(0.1))([toy_batch(0)])
    assert np.isfinite(sum(result.losses))
    assert not result.finite


class Noted(Trick):
    """Adds to the gradients, and notes when it was traced."""

    type: Literal["noted"] = "noted"
    name: str
    factor: float
    _notes: list[str] = PrivateAttr(default_factory=list)

    def __init__(self, name: str, notes: list[str], factor: float) -> None:
        super().__init__(name=name, factor=factor)  # type: ignore[call-arg]  # the fields above
        self._notes = notes

    def gradients(self, pairs: Sequence[Pair]) -> list[Pair]:
        self._notes.append(f"{self.name} gradients")
        return [(None if g is None else g * self.factor + 1.0, variable) for g, variable in pairs]

    def update(self, weights: object) -> None:
        self._notes.append(f"{self.name} update")


def test_tricks_act_in_the_order_written() -> None:
    notes: list[str] = []
    learner, batch = fresh(), toy_batch(0)
    batch["mask"][:] = False  # gradients of zero
    before = weights(learner)
    tricks = [Noted("a", notes, 1.0), Noted("b", notes, 3.0)]
    Update(learner, keras.optimizers.SGD(1.0), tricks)([batch])
    assert notes == ["a gradients", "b gradients", "a update", "b update"]
    assert largest_difference(weights(learner), [w - 4.0 for w in before]) < 1e-6


def test_tricks_see_one_update_for_all_micro_batches() -> None:
    learner, ema = fresh(), EMA(momentum=0.5)
    step = Update(learner, keras.optimizers.SGD(0.1), [ema], accumulation=3)
    step([toy_batch(i) for i in range(3)])
    assert int(ema.variables[-1].numpy()) == 1
    np.testing.assert_allclose(ema.evaluation(weights(learner))[0], weights(learner)[0], rtol=1e-6)


def test_ema_does_not_change_the_trajectory() -> None:
    plain, averaged = fresh(), fresh()
    for learner, tricks in ((plain, []), (averaged, [EMA(momentum=0.9)])):
        step = Update(learner, keras.optimizers.Adam(0.01), tricks)
        for seed in range(5):
            step([toy_batch(seed)])
    assert largest_difference(weights(plain), weights(averaged)) == 0


class SpareModel(ToyModel):
    """With a layer that it does not use."""

    def __init__(self) -> None:
        super().__init__(dropout=0.0)
        self.spare = keras.layers.Dense(3, name="spare")
        self.spare.build((None, 2))
        self(np.zeros((1, 4), np.int32))


class Spare(ToyLearner):
    """The loss depends on that layer for batches that have `spare` only."""

    def __init__(self) -> None:
        self.model: SpareModel = SpareModel()

    def loss(self, batch: Mapping[str, tf.Tensor], training: bool) -> tuple[tf.Tensor, tf.Tensor]:
        loss, weight = super().loss(batch, training)
        if "spare" in batch:
            loss += tf.reduce_sum(self.model.spare(batch["spare"]))
        return loss, weight


class Counted(Trick):
    """Notes how many variables have gradients, and gives one to those that have none."""

    type: Literal["counted"] = "counted"
    _given: list[tuple[int, int]] = PrivateAttr(default_factory=list)

    def gradients(self, pairs: Sequence[Pair]) -> list[Pair]:
        self._given.append((len(pairs), sum(gradient is not None for gradient, _ in pairs)))
        return [(tf.ones(v.shape) if g is None else g, v) for g, v in pairs]


@pytest.mark.parametrize("accumulation", [1, 2])
@pytest.mark.parametrize("scale", [None, LossScale], ids=["plain", "scaled"])
def test_a_layer_outside_the_loss_is_neither_changed_nor_seen(
    accumulation: int, scale: type[LossScale] | None
) -> None:
    keras.utils.set_random_seed(5)
    learner, counted = Spare(), Counted()
    before = value_of(learner.model.spare.kernel)
    step = Update(
        learner,
        keras.optimizers.AdamW(0.1, weight_decay=0.5),
        [counted],
        accumulation=accumulation,
        loss_scale=None if scale is None else scale(),
    )
    assert len(step.trainable) == 7
    for _ in range(2):
        step([toy_batch(0)] * accumulation)
    assert counted._given == [(7, 5)]
    np.testing.assert_array_equal(value_of(learner.model.spare.kernel), before)


def test_a_layer_that_one_micro_batch_reaches_is_changed_as_in_the_union() -> None:
    keras.utils.set_random_seed(5)
    learner, counted = Spare(), Counted()
    step = Update(learner, keras.optimizers.SGD(0.1), [counted], accumulation=2)
    plain = toy_batch(0)
    reaching = {**plain, "spare": np.ones((8, 2), np.float32)}
    before = value_of(learner.model.spare.kernel)
    results = [step([plain, plain]), step([plain, reaching]), step([plain, plain])]
    assert counted._given == [(7, 5), (7, 7)]
    # The gradient of every element is the number of rows, divided by the weight of the update.
    expected = before - 0.1 * 8 / weight_of(results[1])
    np.testing.assert_allclose(value_of(learner.model.spare.kernel), expected, rtol=1e-5)


def test_wrong_numbers_of_micro_batches() -> None:
    with pytest.raises(ValueError, match="2 micro-batches, expected 1 to 1"):
        Update(fresh(), keras.optimizers.SGD(0.1))([toy_batch(0)] * 2)
    with pytest.raises(ValueError, match="0 micro-batches, expected 1 to 2"):
        Update(fresh(), keras.optimizers.SGD(0.1), accumulation=2)([])


def test_floating_variables_leave_seeds_out_and_statistics_in() -> None:
    model = keras.Sequential([keras.layers.Dropout(0.5), keras.layers.BatchNormalization()])
    model.build((2, 3))
    assert len(floating(model.variables)) == 4
    assert len(model.variables) > 4


class Overflowing(ToyLearner):
    """A gradient that overflows float16 above a loss scale of 1024."""

    def loss(self, batch: Mapping[str, tf.Tensor], training: bool) -> tuple[tf.Tensor, tf.Tensor]:
        loss, weight = super().loss(batch, training)
        kernel = tf.cast(self.model.head.kernel.value, tf.float16)
        return loss + weight * tf.cast(tf.reduce_sum(kernel) * 60.0, tf.float32), weight


@pytest.mark.parametrize("accumulation", [1, 2, 16])
def test_loss_scale_halves_until_nothing_overflows(accumulation: int) -> None:
    """The mean of the loss is scaled, whatever the accumulation: 60 * 2^10 is the first that fits."""
    learner, scale = Overflowing(dropout=0.0), LossScale()
    step = Update(learner, keras.optimizers.SGD(1e-4), accumulation=accumulation, loss_scale=scale)
    applied = [step([toy_batch(i) for i in range(accumulation)]).finite for _ in range(8)]
    assert applied == [False] * 5 + [True] * 3
    assert float(scale.factor.numpy()) == 2.0**10
    assert int(scale.skipped.numpy()) == 5
    assert not scale.exhausted


def test_accumulation_equals_the_union_in_one_batch_with_a_loss_scale() -> None:
    """Micro-batches of unequal weight; one of them empty."""
    parts = [toy_batch(seed, rows) for seed, rows in ((0, 3), (1, 9), (2, 4))]
    parts[2]["mask"][:] = False
    union = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    split, whole = fresh(), fresh()
    accumulate = Update(split, keras.optimizers.SGD(0.5), accumulation=3, loss_scale=LossScale())
    at_once = Update(whole, keras.optimizers.SGD(0.5))
    for _ in range(3):
        first, second = accumulate(parts), at_once([union])
        assert first.gradient_norm == pytest.approx(second.gradient_norm, rel=1e-4)
    assert largest_difference(weights(split), weights(whole)) <= 1e-6


def test_loss_scale_is_a_power_of_two_that_cancels() -> None:
    scaled, plain = fresh(), fresh()
    first = Update(scaled, keras.optimizers.SGD(0.5), [GradientClip(norm=0.1)], loss_scale=LossScale())
    second = Update(plain, keras.optimizers.SGD(0.5), [GradientClip(norm=0.1)])
    assert first([toy_batch(0)]).gradient_norm == pytest.approx(
        second([toy_batch(0)]).gradient_norm, rel=1e-6
    )
    assert largest_difference(weights(scaled), weights(plain)) < 1e-6


def test_loss_scale_doubles_after_two_thousand_good_updates() -> None:
    scale = LossScale(4.0)
    update = tf.function(scale.update)
    for _ in range(2000):
        update(tf.constant(True))
    assert float(scale.factor.numpy()) == 8.0
    scale.update(tf.constant(False))
    assert [float(v.numpy()) for v in scale.variables] == [4.0, 0.0, 1.0]


@pytest.mark.parametrize("precision", ["mixed_bfloat16", "mixed_float16"])
def test_mixed_precision_learns_and_keeps_float32_weights(precision: str) -> None:
    policy = keras.config.dtype_policy()
    keras.config.set_dtype_policy(precision)
    try:
        learner = fresh()
    finally:
        keras.config.set_dtype_policy(policy)
    scale = LossScale() if precision == "mixed_float16" else None
    step = Update(learner, keras.optimizers.Adam(0.02), [GradientClip(norm=1.0)], loss_scale=scale)
    results = [step([toy_batch(seed, 32)]) for seed in range(120)]
    losses = [result.sums.loss for result in results if result.finite]
    assert np.mean(losses[-5:]) < 0.7 * losses[0]
    assert {str(weight.dtype) for weight in learner.model.weights} == {"float32"}
