"""Tricks that transform gradients, and the clipping of weights."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from nlpx.components.tricks.base import Course, Trick
from nlpx.components.tricks.gradient_centralization import GradientCentralization
from nlpx.components.tricks.gradient_clip import GradientClip
from nlpx.components.tricks.gradient_noise import GradientNoise
from nlpx.components.tricks.weight_clipping import WeightClipping
from nlpx.components.varying import at
from nlpx.core.variable_names import VariableNames
from tests.components.tricks.harness import Updates, weight


def transformed(trick: Trick, gradients: Mapping[str, Any], seed: int = 0) -> list[Any]:
    """What a trick makes of the gradients of some variables, which are 0."""
    variables = [weight(np.zeros(np.shape(g)), name) for name, g in gradients.items()]
    trick.name_variables(VariableNames([], variables))
    trick.begin(Course(seed=seed))
    trick.build(variables)
    given = [None if g is None else tf.constant(g, tf.float32) for g in gradients.values()]
    pairs = trick.gradients(list(zip(given, variables, strict=True)))
    assert [variable for _, variable in pairs] == variables
    return [None if g is None else np.array(g) for g, _ in pairs]


By = Literal["joint", "variable", "l1", "value"]


def clipped(by: By, norm: float, gradients: Sequence[np.ndarray]) -> list[np.ndarray]:
    """By the definition, in float64."""
    wide = [gradient.astype(np.float64) for gradient in gradients]
    if by == "value":
        return [np.clip(gradient, -norm, norm) for gradient in wide]
    joint = sum(np.abs(g).sum() for g in wide) if by == "l1" else np.sqrt(sum((g**2).sum() for g in wide))
    norms = [np.linalg.norm(gradient) if by == "variable" else joint for gradient in wide]
    return [g * min(1.0, norm / size) if size else g for g, size in zip(wide, norms, strict=True)]


@pytest.mark.parametrize("by", ["joint", "variable", "l1", "value"])
@given(norm=st.floats(0.01, 100), size=st.floats(0, 50))
@settings(max_examples=20)
def test_clipping(by: By, norm: float, size: float) -> None:
    rng = np.random.default_rng(0)
    given = [(size * rng.standard_normal(shape)).astype(np.float32) for shape in ((3, 4), (5,))]
    found = transformed(GradientClip(norm=norm, by=by), {"a": given[0], "b": given[1]})
    for got, want in zip(found, clipped(by, norm, given), strict=True):
        np.testing.assert_allclose(got, want, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("by", ["joint", "variable", "l1", "value"])
def test_clipping_of_some_leaves_the_others(by: By) -> None:
    trick = GradientClip(norm=1.0, by=by, only=["a*"])
    a, b, none = transformed(trick, {"a": [3.0, 4.0], "b": [300.0, 400.0], "ab": None})
    np.testing.assert_allclose(a, clipped(by, 1.0, [np.array([3.0, 4.0])])[0], rtol=1e-6)
    assert (b.tolist(), none) == ([300.0, 400.0], None)
    assert trick.describe() == [f"gradient_clip: by {by}: 2 variables: a, ab"]


def test_small_gradients_are_untouched_and_zero_stays_zero() -> None:
    given = np.array([0.3, 0.4], np.float32)
    np.testing.assert_array_equal(transformed(GradientClip(norm=0.5), {"a": given})[0], given)
    for by in ("joint", "variable", "l1"):
        trick = GradientClip.model_validate({"type": "gradient_clip", "by": by})
        np.testing.assert_array_equal(transformed(trick, {"a": np.zeros(3)})[0], np.zeros(3))


@pytest.mark.parametrize("by", ["joint", "variable", "l1", "value"])
def test_the_norm_may_follow_a_schedule(by: By) -> None:
    schedule = {"type": "linear", "final": 0.5}
    options = {"type": "gradient_clip", "by": by, "norm": {"value": 2.0, "schedule": schedule}}
    for step, norm in ((0, 2.0), (5, 1.5), (10, 1.0)):
        with at(step, 11):
            (found,) = transformed(GradientClip.model_validate(options), {"a": [30.0, 40.0]})
        np.testing.assert_allclose(found, clipped(by, norm, [np.array([30.0, 40.0])])[0], rtol=1e-6)


def test_the_old_name_still_works() -> None:
    trick = Trick.model_validate({"type": "clip_gradients", "norm": 2.0})
    assert trick == GradientClip(norm=2.0)


def test_centralization() -> None:
    rng = np.random.default_rng(0)
    given: dict[str, Any] = {
        "kernel": rng.standard_normal((3, 2, 4)),
        "bias": rng.standard_normal(4),
        "recurrent_kernel": None,
    }
    kernel, bias, none = transformed(GradientCentralization(), given)
    expected = given["kernel"] - given["kernel"].mean((0, 1))
    np.testing.assert_allclose(kernel, expected, atol=1e-6)
    np.testing.assert_allclose(bias, given["bias"], rtol=1e-6)
    assert none is None


def test_centralized_updates_keep_the_sum_of_the_weights_of_an_output() -> None:
    kernel = weight(np.random.default_rng(0).standard_normal((5, 3)), "kernel")
    before = kernel.value.numpy().sum(0)
    updates = Updates([kernel], keras.optimizers.SGD(0.1, momentum=0.9), GradientCentralization())
    after = updates.descend(5)[0]
    np.testing.assert_allclose(after.sum(0), before, atol=1e-5)
    assert np.abs(after.sum(1) - kernel.shape[1]).max() > 0.1


def noise(trick: GradientNoise, gradients: Mapping[str, Any], seed: int = 0) -> list[list[Any]]:
    """What the trick makes of the same gradients in three updates."""
    first = transformed(trick, gradients, seed)
    variables = {name: trick.names.variables[i] for i, name in enumerate(gradients)}
    found = [first]
    for _ in range(2):
        trick.update([])
        pairs = [
            (None if g is None else tf.constant(g, tf.float32), variables[n]) for n, g in gradients.items()
        ]
        found.append([None if g is None else np.array(g) for g, _ in trick.gradients(pairs)])
    return found


def test_noise_has_its_variance_and_falls() -> None:
    given = {"a": np.full(20000, 7.0), "b": np.zeros(20000), "c": None}
    for made, (a, b, none) in enumerate(noise(GradientNoise(variance=0.04, decay=0.5), given)):
        assert none is None
        assert (a.mean(), b.mean()) == pytest.approx((7, 0), abs=0.006)
        assert (a.var(), b.var()) == pytest.approx([0.04 / np.sqrt(1 + made)] * 2, rel=0.04)
        assert abs(np.corrcoef(a, b)[0, 1]) < 0.03


def test_noise_is_a_function_of_seed_name_and_update() -> None:
    zeros = {"a": np.zeros(4), "b": np.zeros(4)}
    first, swapped = noise(GradientNoise(), zeros), noise(GradientNoise(), dict(reversed(zeros.items())))
    np.testing.assert_array_equal([a for a, _ in first], [a for _, a in swapped])
    other = noise(GradientNoise(only=["a"]), zeros, seed=1)
    values = [tuple(a) for a, _ in (*first, *other)]
    assert len(set(values)) == 6
    assert not np.any([b for _, b in other])


def test_weights_are_clipped_after_the_update() -> None:
    a, b = weight([-0.5, 0.04, 0.3], "a"), weight([5.0], "b")
    trick = WeightClipping(limit=0.05, only=["a"])
    after = Updates([a, b], keras.optimizers.SGD(0.1), trick)([0.0, -1.0, 0.0], [0.0])
    np.testing.assert_allclose(after[0], [-0.05, 0.05, 0.05])
    assert after[1].tolist() == [5.0]
    assert trick.describe() == ["weight_clipping: within 0.05: 1 variable: a"]
