"""Systems of equations: solutions, derivatives and intervals against SciPy, and against the network that is trained."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
from scipy.integrate import solve_ivp
from scipy.optimize import least_squares
from scipy.stats import t as student

from nlpx.components.optimizers.adam import Adam
from nlpx.config.load import load_experiment
from nlpx.data.observations import Observation
from nlpx.layers.solvers import Method
from nlpx.tasks.ode.codec import ObservationCodec
from nlpx.tasks.ode.config import EPIDEMIC, Ode
from nlpx.tasks.ode.intervals import Fit
from nlpx.tasks.ode.model_section import OdeModel
from nlpx.tasks.ode.references import references

ROOT = Path(__file__).resolve().parents[2]
TRUE = {"r1": 0.1, "r2": 0.3, "a1": 1e-4, "a2": 2e-4, "n1": 0.002, "n2": 0.003}
MANY = OdeModel.model_validate(
    {
        "equations": {
            "x": "a * abs(y) + min(b, sin(t)) - max(x, 0.2) / (1 + exp(-c)) + tanh(sqrt(x^2 + 1)) * log(2 + t)",
            "y": "cos(t) - b * y^3 + tan(x / 10) - d",
        },
        "parameters": {
            "a": {"initial": 0.5, "low": 0.1, "high": 2},
            "b": {"initial": 0.3, "low": 0},
            "c": {"initial": -0.4, "high": 0.5},
            "d": {"initial": 0.02, "unit": 0.01},
        },
        "initial": {"x": 1.0, "y": {"initial": -1.0}},
        "start": 1.0,
        "step": 0.25,
        "steps": 20,
    }
)
"""Every function, every kind of range, a time that does not begin with 0."""
PLACES = np.array([0.0, 0.3, 1.0, 7.5, 19.999, 20.0])


def original(*changes: str) -> Ode:
    experiment = load_experiment(ROOT / "configs" / "ode" / "original.yaml", changes).experiment
    assert isinstance(experiment, Ode)
    return experiment


def fit_of(experiment: Ode) -> Fit:
    codec = experiment.codec()
    rows = experiment.data.source.open(Path(), "competition").rows("train")
    return Fit(experiment.model.system(), codec, list(rows))  # type: ignore[arg-type]  # observations


def sse(fit: Fit, numbers: Mapping[str, float]) -> float:
    return float(np.sum(fit.residuals(numbers) ** 2))


def test_f12_squared_errors_of_the_table() -> None:
    fit = fit_of(original())
    assert sse(fit, TRUE) == pytest.approx(19.2368, abs=1e-4)
    assert sse(fit, fit.system.initial) == pytest.approx(915_369.64, abs=0.01)


def test_f12_least_squares_from_the_initial_values_of_the_author() -> None:
    experiment = original()
    fit = fit_of(experiment)
    reference = references(fit.system, fit.codec)["least_squares"]
    reference.prepare(lambda split: fit.rows)
    errors = [example.severity for example in reference.examples(fit.rows, ())]
    assert sum(errors) == pytest.approx(0.69664, abs=1e-5)


def test_training_from_the_initial_values_of_the_author_fits_the_table() -> None:
    """Logarithms of the parameters, and the equations of the author in his steps: the optimum is 0.69664."""
    from nlpx.engine.update import Update

    experiment = load_experiment(
        ROOT / "configs" / "ode" / "competition.yaml", ["model.solver=euler"]
    ).experiment
    assert isinstance(experiment, Ode) and isinstance(experiment.optimizer, Adam)
    fit = fit_of(experiment)
    learner = experiment.learner(fit.codec, {})
    update = Update(learner, experiment.optimizer.build(3000), total=3000, xla=True)
    items = [item for row in fit.rows for item in fit.codec.encode(row, {})]
    batch = {name: np.stack([item[name] for item in items]) for name in fit.codec.fields}
    assert sse(fit, learner.numbers()) == pytest.approx(915_369.64, rel=1e-5)
    for step in range(3000):
        update([batch], step)
    assert 0.6966 < sse(fit, learner.numbers()) < 1


@pytest.mark.parametrize(("method", "tolerance"), [("euler", 0.1), ("heun", 2e-3), ("rk4", 2e-6)])
def test_solutions_agree_with_scipy(method: Method, tolerance: float) -> None:
    """Also between steps, where the solution is interpolated."""
    model = EPIDEMIC.model_copy(update={"solver": method, "step": 0.1})
    system, places = model.system(), np.array([0.0, 0.4, 33.3, 250.0, 399.9])
    exact = solve_ivp(
        lambda t, x: [-0.3 * x[0] * x[1] / 1000, 0.3 * x[0] * x[1] / 1000 - 0.1 * x[1]],
        (0, 40),
        [1000, 1],
        t_eval=0.1 * places,
        rtol=1e-11,
        atol=1e-11,
    )
    np.testing.assert_allclose(system.solve(system.initial, places), exact.y.T, rtol=tolerance)


@pytest.mark.parametrize("clip", [None, 0.5])
def test_derivatives_agree_with_finite_differences(clip: float | None) -> None:
    system = MANY.model_copy(update={"clip": clip}).system()
    found = system.jacobian(system.initial, PLACES)
    assert found.shape == (6, 2, 5)
    for i, name in enumerate(system.learned):
        ends = [
            system.solve({**system.initial, name: system.initial[name] + way}, PLACES)
            for way in (1e-5, -1e-5)
        ]
        np.testing.assert_allclose(found[..., i], (ends[0] - ends[1]) / 2e-5, atol=1e-6)
    assert np.abs(found).max((0, 1)).min() > 1e-4


@pytest.mark.parametrize("method", ["euler", "heun", "rk4"])
def test_the_network_computes_the_same_solution_and_gradient(method: Method) -> None:
    import tensorflow as tf

    from nlpx.tasks.ode.learner import OdeNetwork

    system = MANY.model_copy(update={"solver": method, "clip": 2.0}).system()
    network = OdeNetwork(system, MANY.steps)

    @tf.function(autograph=False, jit_compile=method == "rk4")
    def both() -> tuple[tf.Tensor, tf.Tensor]:
        with tf.GradientTape() as tape:
            states = network(tf.constant(PLACES, tf.float32))
            total = tf.reduce_sum(states)
        return states, tf.stack(tape.gradient(total, [v.value for v in network.trainable_variables]))

    states, gradient = both()
    assert [variable.name for variable in network.trainable_variables] == list(system.learned)
    np.testing.assert_allclose(states, system.solve(system.initial, PLACES), rtol=1e-5, atol=1e-5)
    expected = system.jacobian(system.initial, PLACES).sum((0, 1))
    np.testing.assert_allclose(gradient, expected, rtol=1e-4, atol=1e-5)


def test_intervals_agree_with_scipy() -> None:
    """At the optimum: the derivatives are those of SciPy, by finite differences."""
    fit = fit_of(original())
    names = fit.system.learned
    found = least_squares(
        lambda theta: fit.residuals(dict(zip(names, theta, strict=True))),
        [TRUE[name] for name in names],
        x_scale="jac",
        jac="3-point",
        xtol=1e-14,
        ftol=1e-14,
    )
    covariance = np.linalg.inv(found.jac.T @ found.jac) * 2 * found.cost / (12 - 6)
    half = student.ppf(0.975, 6) * np.sqrt(np.diag(covariance))
    intervals = fit.intervals(dict(zip(names, found.x, strict=True)))
    for name, value, width in zip(names, found.x, half, strict=True):
        np.testing.assert_allclose(intervals[name], (value - width, value + width), rtol=1e-4)


def test_intervals_keep_the_bounds() -> None:
    """The ends of a logarithm are those in theta, as values."""
    positive = [f"model.parameters.{name}={{initial: {value}, low: 0}}" for name, value in TRUE.items()]
    fit = fit_of(original(*positive))
    intervals = fit.intervals(fit.system.initial)
    straight = fit_of(original()).intervals(TRUE)
    for name, (low, high) in intervals.items():
        assert 0 < low < TRUE[name] < high
        assert low * high == pytest.approx(TRUE[name] ** 2)
        relative = (straight[name][1] - straight[name][0]) / 2 / TRUE[name]
        assert np.log(high / TRUE[name]) == pytest.approx(relative, rel=1e-4)


def test_intervals_without_enough_observations_are_unbounded() -> None:
    fit = fit_of(original())
    few = Fit(fit.system, fit.codec, fit.rows[:3])
    assert set(few.intervals(TRUE).values()) == {(-np.inf, np.inf)}
    # y does not tell b from d, which occur only in their sum.
    model = OdeModel.model_validate(
        {
            "equations": {"y": "b + d"},
            "parameters": {"b": 1, "d": {"initial": 2, "low": 0}},
            "initial": {"y": 0},
        }
    )
    rows = [Observation(f"a:{t}", float(t), ("y",), (3.0 * t + t % 2,)) for t in range(9)]
    codec = ObservationCodec(("y",), 0.0, 1.0, 100)
    system = model.system()
    assert Fit(system, codec, rows).intervals(system.initial) == {"b": (-np.inf, np.inf), "d": (0.0, np.inf)}


def test_a_step_that_is_no_binary_number_is_hit() -> None:
    codec = ObservationCodec(("x",), 0.5, 0.1, 1000)
    assert [codec.place(0.5 + 0.1 * k) for k in range(1001)] == list(range(1001))
    assert codec.place(0.55) == pytest.approx(0.5)
