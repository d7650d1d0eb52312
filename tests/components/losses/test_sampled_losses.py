"""Losses over sampled classes: the full softmax, log Z, pointwise mutual information, and what is drawn."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal

import keras
import numpy as np
import pytest
import tensorflow as tf
from scipy.optimize import minimize
from scipy.special import log_softmax, logsumexp
from scipy.stats import chisquare

from nlpx.components.losses.contrastive_estimation import ContrastiveEstimation
from nlpx.components.losses.cross_entropy import CrossEntropy
from nlpx.components.losses.nce import NCE
from nlpx.components.losses.negative_sampling import NegativeSampling
from nlpx.components.losses.sampled_loss import SampledLoss
from nlpx.components.losses.sampled_softmax import SampledSoftmax

RNG = np.random.default_rng(0)
ROWS, CLASSES, WIDTH = 7, 9, 4
COUNTS = np.array([0, 50, 40, 30, 20, 10, 5, 2, 1], np.float32)
VALUES: Mapping[str, np.ndarray] = {
    "hidden": RNG.normal(size=(ROWS, WIDTH)).astype(np.float32),
    "output_embedding": RNG.normal(size=(CLASSES, WIDTH)).astype(np.float32),
    "output_bias": RNG.normal(size=CLASSES).astype(np.float32),
    "frequency": COUNTS,
    "target": RNG.integers(0, CLASSES, ROWS).astype(np.int32),
    "mask": np.arange(ROWS) < ROWS - 1,
}
SCORES = VALUES["hidden"].astype(np.float64) @ VALUES["output_embedding"].T + VALUES["output_bias"]


def built(loss: SampledLoss, seed: int = 0) -> SampledLoss:
    keras.utils.set_random_seed(seed)
    made = loss.model_copy()
    made.build({"classes": CLASSES})
    return made


def drawn(loss: SampledLoss, step: int) -> list[int]:
    values = {name: tf.constant(value) for name, value in VALUES.items()}
    classes: list[int] = loss.drawn(loss.log_noise(values), step).numpy().tolist()
    return classes


def log_noise(power: float) -> np.ndarray:
    return log_softmax(power * np.log(np.maximum(COUNTS.astype(np.float64), 1)))


@pytest.mark.parametrize("power", [0.0, 1.0])
def test_all_negatives_are_the_full_softmax(power: float) -> None:
    loss = built(SampledSoftmax(negatives="all", power=power))
    logits = tf.constant(SCORES, tf.float32)
    given = {name: tf.constant(value) for name, value in VALUES.items()}
    with tf.GradientTape(persistent=True) as tape:
        tape.watch([logits, given["hidden"], given["output_embedding"], given["output_bias"]])
        logits = given["hidden"] @ tf.transpose(given["output_embedding"]) + given["output_bias"]
        expected = CrossEntropy()({**given, "logits": logits}, 0)["loss"]
        found = loss(given, 0)["loss"]
    assert float(found.weight) == float(expected.weight) == ROWS - 1
    np.testing.assert_allclose(found.sum, expected.sum, rtol=1e-5)
    for name in ("hidden", "output_embedding", "output_bias"):
        theirs, ours = tape.gradient(expected.sum, given[name]), tape.gradient(found.sum, given[name])
        np.testing.assert_allclose(tf.convert_to_tensor(ours), theirs, rtol=1e-4, atol=1e-6)


def by_definition(loss: SampledLoss, classes: list[int], by_row: np.ndarray | None = None) -> float:
    """The sum over rows in float64, for the classes that were drawn, for all rows or for each."""
    kept = loss.negatives if isinstance(loss.negatives, int) else len(classes)
    log_q, total = log_noise(loss.power) + np.log(kept), 0.0

    def softplus(x: float) -> float:
        return float(np.logaddexp(0, x))

    for place, (row, target) in enumerate(zip(SCORES[: ROWS - 1], VALUES["target"], strict=False)):
        if by_row is not None:
            classes = by_row[place].tolist()
        if isinstance(loss, SampledSoftmax):
            logits = [row[target] - log_q[target], *(row[n] - log_q[n] for n in classes if n != target)]
            total += float(logsumexp(logits) - logits[0])
        else:
            offset = log_q + np.log(CLASSES) if isinstance(loss, NCE) else 0 * log_q
            d = row - offset
            excluded = isinstance(loss, ContrastiveEstimation) and loss.exclude_target
            noise = [softplus(d[n]) for n in classes if not (excluded and n == target)]
            total += softplus(-d[target]) + kept / len(classes) * sum(noise)
    return total


@pytest.mark.parametrize("power", [0.0, 0.75])
@pytest.mark.parametrize("kind", [SampledSoftmax, NCE, NegativeSampling])
def test_the_definition_for_what_is_drawn(kind: Callable[..., SampledLoss], power: float) -> None:
    loss = built(kind(negatives=5, power=power))
    for step in (0, 3):
        found = float(loss(VALUES, step)["loss"].sum)
        assert found == pytest.approx(by_definition(loss, drawn(loss, step)), rel=1e-4)


@pytest.mark.parametrize(
    "options", [{"exclude_target": True}, {"pool": 20}, {"exclude_target": True, "pool": 20}]
)
@pytest.mark.parametrize("kind", [NCE, NegativeSampling])
def test_noise_that_is_the_target_and_a_pool(
    kind: Callable[..., SampledLoss], options: dict[str, object]
) -> None:
    loss = built(kind(negatives=5, power=0.75, **options))
    classes = drawn(loss, 0)
    assert len(classes) == (20 if "pool" in options else 5)
    assert float(loss(VALUES, 0)["loss"].sum) == pytest.approx(by_definition(loss, classes), rel=1e-4)


@pytest.mark.parametrize("kind", [SampledSoftmax, NCE, NegativeSampling])
def test_noise_of_every_row(kind: Callable[..., SampledLoss]) -> None:
    loss = built(kind(negatives=6, power=0.75, shared="row"))
    keys = np.arange(ROWS, dtype=np.int32) * 1000
    values = {**VALUES, "row_key": keys}
    given = {name: tf.constant(value) for name, value in values.items()}
    found = loss.drawn(loss.log_noise(given), 3, given["row_key"]).numpy()
    assert found.shape == (ROWS, 6) and len({tuple(row) for row in found.tolist()}) == ROWS
    assert float(loss(given, 3)["loss"].sum) == pytest.approx(by_definition(loss, [], found), rel=1e-4)
    # Sequences, in another order: a row keeps its noise.
    order = [4, 0, 2]
    parts = {
        n: v if n in ("output_embedding", "output_bias", "frequency") else v[order] for n, v in values.items()
    }
    alone = loss(
        {
            **parts,
            "hidden": parts["hidden"][:, None],
            "target": parts["target"][:, None],
            "mask": parts["mask"][:, None],
        },
        3,
    )
    assert float(alone["loss"].sum) == pytest.approx(float(loss(parts, 3)["loss"].sum), rel=1e-5)


@pytest.mark.parametrize("among", ["update", "row"])
def test_draws_follow_counts_to_the_power_of_three_quarters(among: Literal["update", "row"]) -> None:
    """A test of goodness of fit, for counts of a power law."""
    counts = np.round(1e5 / np.arange(1, 51)).astype(np.float32)
    loss = built(NegativeSampling(negatives=50, pool=2000, shared=among))
    noise = loss.log_noise({"output_embedding": tf.zeros((50, 1)), "frequency": tf.constant(counts)})
    found = np.concatenate([loss.drawn(noise, step, tf.range(20)).numpy().ravel() for step in range(5)])
    expected = counts.astype(np.float64) ** 0.75
    statistic = chisquare(np.bincount(found, minlength=50), expected / expected.sum() * len(found))
    assert 1e-3 < statistic.pvalue < 1 - 1e-3


def test_without_the_target_the_optimum_is_higher_by_its_probability() -> None:
    """s = log(p / (q (1 - p))) for K = 1: noise that is the target does not push it down."""
    counts = np.array([1, 2, 3, 6])
    loss = NegativeSampling(negatives="all", power=1.0, exclude_target=True)
    loss.build({})
    fixed = {
        "hidden": tf.zeros((12, 1)),
        "output_embedding": tf.zeros((4, 1)),
        "frequency": tf.constant(counts, tf.float32),
        "target": tf.constant(np.repeat(np.arange(4), counts), tf.int32),
        "mask": tf.ones(12, tf.bool),
    }

    def objective(x: tf.Tensor) -> tf.Tensor:
        return loss({**fixed, "output_bias": x}, 0)["loss"].sum

    p = counts / counts.sum()
    np.testing.assert_allclose(minimized(objective, 4), -np.log(1 - p), atol=1e-3)


@pytest.mark.parametrize("power", [0.0, 0.75, 1.0])
def test_classes_are_drawn_by_their_counts(power: float) -> None:
    loss = built(SampledSoftmax(negatives=40_000, power=power))
    found = np.bincount(drawn(loss, 0), minlength=CLASSES) / 40_000
    expected = np.exp(log_noise(power))
    np.testing.assert_allclose(found, expected, atol=4 * np.sqrt(0.25 / 40_000))


def test_draws_are_a_function_of_the_update_and_of_a_saved_seed() -> None:
    loss = built(SampledSoftmax(negatives=20))
    assert drawn(loss, 5) == drawn(loss, 5) != drawn(loss, 6)
    other = built(SampledSoftmax(negatives=20), seed=1)
    assert drawn(other, 5) != drawn(loss, 5)
    (saved,), (restored,) = loss.variables, other.variables
    restored.assign(saved.value)
    assert drawn(other, 5) == drawn(loss, 5)
    assert not loss.trainable_variables
    traced = tf.function(lambda step: loss(VALUES, step)["loss"].sum, jit_compile=True)
    np.testing.assert_allclose(traced(tf.constant(5)), loss(VALUES, 5)["loss"].sum, rtol=1e-5)


def test_the_mean_over_updates_is_the_exact_value() -> None:
    """For negative sampling, whose noise term is the sum of K draws; the other two are not unbiased."""
    exact = float(built(NegativeSampling(negatives="all"))(VALUES, 0)["loss"].sum)
    positive = float(np.logaddexp(0, -SCORES[range(ROWS - 1), VALUES["target"][:-1]]).sum())
    loss = built(NegativeSampling(negatives=4000))
    found = (float(loss(VALUES, 0)["loss"].sum) - positive) / 4000
    assert found == pytest.approx(exact - positive, rel=0.03)


def minimized(objective: Callable[[tf.Tensor], tf.Tensor], size: int) -> np.ndarray:
    """Where a function of a vector is smallest."""

    @tf.function
    def both(x: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        with tf.GradientTape() as tape:
            tape.watch(x)
            value = objective(x)
        return value, tf.convert_to_tensor(tape.gradient(value, x))

    def evaluated(x: np.ndarray) -> tuple[float, np.ndarray]:
        value, gradient = both(tf.constant(x, tf.float32))
        return float(value), gradient.numpy().astype(np.float64)

    start = np.random.default_rng(1).normal(size=size) * 0.3
    found: np.ndarray = minimize(evaluated, start, jac=True, method="L-BFGS-B", options={"maxiter": 3000}).x
    return found


@pytest.mark.parametrize("power", [0.0, 1.0])
def test_nce_finds_the_distribution_and_log_z(power: float) -> None:
    """A table of 10 states with free scores: softmax(G) is the distribution, gamma is log sum exp G."""
    counts = np.array([1, 2, 3, 4, 5, 6, 8, 9, 11, 15])
    loss = NCE(negatives="all", power=power)
    loss.build({"classes": 10})
    fixed = {
        "hidden": tf.zeros((counts.sum(), 1)),
        "output_embedding": tf.zeros((10, 1)),
        "frequency": tf.constant(counts, tf.float32),
        "target": tf.constant(np.repeat(np.arange(10), counts), tf.int32),
        "mask": tf.ones(counts.sum(), tf.bool),
    }
    np.testing.assert_allclose(loss.trainable_variables[0], np.log(10), rtol=1e-6)

    def objective(x: tf.Tensor) -> tf.Tensor:
        # gamma and a constant in all scores are one degree of freedom: here G_0 is 0.7.
        loss._log_z = x[0]
        term = loss({**fixed, "output_bias": tf.concat([[0.7], x[1:]], 0)}, 0)["loss"]
        return term.sum / term.weight

    log_z, *rest = minimized(objective, 10)
    scores, p = np.array([0.7, *rest]), counts / counts.sum()
    assert (p * (np.log(p) - log_softmax(scores))).sum() < 1e-3
    assert log_z == pytest.approx(logsumexp(scores), abs=1e-2)


def test_negative_sampling_finds_the_pointwise_mutual_information() -> None:
    """Vectors of full rank for a joint table of 4 contexts and 5 words."""
    table = np.random.default_rng(2).integers(5, 40, (4, 5))
    contexts, words = (np.repeat(index.ravel(), table.ravel()) for index in np.indices(table.shape))
    loss = NegativeSampling(negatives="all", power=1.0)
    loss.build({})

    def objective(x: tf.Tensor) -> tf.Tensor:
        u, v = tf.reshape(x[:16], (4, 4)), tf.reshape(x[16:], (5, 4))
        values = {
            "hidden": tf.gather(u, contexts),
            "output_embedding": v,
            "output_bias": tf.zeros(5),
            "frequency": tf.constant(table.sum(0), tf.float32),
            "target": tf.constant(words, tf.int32),
            "mask": tf.ones(len(words), tf.bool),
        }
        term = loss(values, 0)["loss"]
        return term.sum / term.weight

    found = minimized(objective, 36)
    p = table / table.sum()
    pmi = np.log(p / p.sum(1, keepdims=True) / p.sum(0))
    np.testing.assert_allclose(found[:16].reshape(4, 4) @ found[16:].reshape(5, 4).T, pmi, atol=1e-2)
