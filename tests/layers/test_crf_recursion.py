"""The recursions against enumeration of all paths, and against float64 where that is too long."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import logsumexp

from nlpx.layers.crf_recursion import FORBIDDEN, negative_log_likelihood, posterior, viterbi
from nlpx.text.tags import LEGAL_START, LEGAL_STOP, LEGAL_TRANSITIONS
from tests.layers.brute_force import AllPaths

ROWS, LENGTH = 4, 5


@dataclass(frozen=True)
class Problem:
    """A batch of ROWS x LENGTH whose padding holds arbitrary values; -inf is forbidden."""

    emissions: np.ndarray
    tags: np.ndarray
    lengths: list[int]
    transitions: np.ndarray
    start: np.ndarray
    stop: np.ndarray
    scale: float

    @property
    def mask(self) -> np.ndarray:
        return np.arange(LENGTH) < np.array(self.lengths)[:, None]

    @property
    def potentials(self) -> tuple[np.ndarray, ...]:
        return tuple(np.maximum(x, FORBIDDEN) for x in (self.transitions, self.start, self.stop))

    @property
    def rows(self) -> list[AllPaths]:
        return [
            AllPaths(row[:length], self.transitions, self.start, self.stop)
            for row, length in zip(self.emissions, self.lengths, strict=True)
        ]

    @property
    def tolerance(self) -> float:
        """What float32 can tell apart among sums of such scores."""
        return 1e-5 + 5e-7 * self.scale


@st.composite
def problems(draw: st.DrawFn, whole: bool = False) -> Problem:
    """Some with forbidden tags and scores up to 1e4; 0 0 0 ... is always allowed. `whole`: small integers."""
    tags = draw(st.sampled_from([1, 3]))  # every other number is compiled once more
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    scale = 1.0 if whole else draw(st.sampled_from([0.1, 1.0, 10.0, 1e4]))

    def scores(*shape: int) -> np.ndarray:
        values = rng.integers(-2, 3, shape) if whole else rng.normal(size=shape)
        return values.astype(np.float32)

    transitions, start, stop = scores(tags, tags), scores(tags), scores(tags)
    if draw(st.booleans()):
        for values in (transitions, start, stop):
            forbidden = rng.random(values.shape) < 0.4
            forbidden.flat[0] = False
            values[forbidden] = -np.inf
    lengths = draw(st.lists(st.integers(0, LENGTH), min_size=ROWS, max_size=ROWS))
    emissions = (scores(ROWS, LENGTH, tags) * scale).astype(np.float32)
    problem = Problem(emissions, np.zeros((ROWS, LENGTH), np.int32), lengths, transitions, start, stop, scale)
    for row, paths in zip(problem.tags, problem.rows, strict=True):
        legal = paths.paths[np.isfinite(paths.scores)]
        row[:] = rng.integers(tags)  # padding
        row[: legal.shape[1]] = legal[rng.integers(len(legal))]
    return problem


@given(problems())
@settings(deadline=None, max_examples=60)
def test_likelihood_and_marginals_equal_enumeration(problem: Problem) -> None:
    nll = negative_log_likelihood(problem.emissions, problem.tags, problem.mask, *problem.potentials).numpy()
    log_partition, marginals = (
        x.numpy() for x in posterior(problem.emissions, problem.mask, *problem.potentials)
    )
    assert not marginals[~problem.mask].any()
    for row, (paths, length) in enumerate(zip(problem.rows, problem.lengths, strict=True)):
        expected = paths.nll(problem.tags[row, :length])
        assert nll[row] == pytest.approx(expected, rel=1e-5, abs=problem.tolerance)
        assert log_partition[row] == pytest.approx(paths.log_partition, rel=1e-5, abs=problem.tolerance)
        np.testing.assert_allclose(marginals[row, :length], paths.marginals, atol=2 * problem.tolerance)
        np.testing.assert_allclose(marginals[row, :length].sum(-1), 1, atol=1e-5)


@given(problems(), st.integers(0, 2**32 - 1))
@settings(deadline=None, max_examples=60)
def test_gradient_is_posterior_less_observed(problem: Problem, seed: int) -> None:
    """By position: marginals less one-hot tags; by transition: expected counts less counts."""
    weights = np.random.default_rng(seed).normal(size=ROWS).astype(np.float32)
    sources = [tf.constant(x) for x in (problem.emissions, *problem.potentials)]
    with tf.GradientTape() as tape:
        tape.watch(sources)
        emissions, *potentials = sources
        nll = negative_log_likelihood(emissions, problem.tags, problem.mask, *potentials)
        loss = tf.reduce_sum(nll * weights)
    found = [gradient.numpy() for gradient in tape.gradient(loss, sources)]
    expected = [np.zeros_like(x, np.float64) for x in found]
    one_hot = np.eye(problem.emissions.shape[2])
    for row, (paths, length) in enumerate(zip(problem.rows, problem.lengths, strict=True)):
        if length:
            chosen = one_hot[problem.tags[row, :length]]
            difference = weights[row] * (paths.marginals - chosen)
            expected[0][row, :length] = difference
            counts = chosen[:-1].T @ chosen[1:]
            expected[1] += weights[row] * (paths.expected_transitions - counts)
            expected[2] += difference[0]
            expected[3] += difference[-1]
    for gradient, reference in zip(found, expected, strict=True):
        np.testing.assert_allclose(gradient, reference, atol=10 * problem.tolerance)


@given(problems())
@settings(deadline=None, max_examples=60)
def test_viterbi_finds_the_best_path(problem: Problem) -> None:
    tags, scores = (x.numpy() for x in viterbi(problem.emissions, problem.mask, *problem.potentials))
    assert tags.dtype == np.int32
    assert not tags[~problem.mask].any()
    for row, (paths, length) in enumerate(zip(problem.rows, problem.lengths, strict=True)):
        best = paths.scores.max()
        assert paths.score(tags[row, :length]) == pytest.approx(best, abs=problem.tolerance)
        assert scores[row] == pytest.approx(best, rel=1e-5, abs=problem.tolerance)


@given(problems(whole=True))
@settings(deadline=None, max_examples=60)
def test_ties_go_to_the_lower_tag(problem: Problem) -> None:
    tags, scores = (x.numpy() for x in viterbi(problem.emissions, problem.mask, *problem.potentials))
    for row, (paths, length) in enumerate(zip(problem.rows, problem.lengths, strict=True)):
        path, score = paths.best
        assert tags[row, :length].tolist() == path.tolist()
        assert scores[row] == score


def test_gradient_equals_finite_differences() -> None:
    rng = np.random.default_rng(3)
    values = [rng.normal(size=shape) for shape in ((4, 3), (3, 3), (3,), (3,))]
    tags = np.array([2, 0, 0, 1])
    sources = [tf.constant(x, tf.float32) for x in values]
    with tf.GradientTape() as tape:
        tape.watch(sources)
        emissions, *potentials = sources
        nll = negative_log_likelihood(emissions[None], tags[None], np.ones((1, 4), bool), *potentials)
    gradients = [gradient.numpy() for gradient in tape.gradient(nll, sources)]
    step = 1e-5
    for which, gradient in enumerate(gradients):
        for index in np.ndindex(*gradient.shape):
            sides = []
            for sign in (1, -1):
                moved = [x.copy() for x in values]
                moved[which][index] += sign * step
                sides.append(AllPaths(*moved).nll(tags))
            assert gradient[index] == pytest.approx((sides[0] - sides[1]) / (2 * step), abs=1e-5)


@pytest.mark.parametrize("scale", [1.0, 1e4])
@pytest.mark.parametrize("constrained", [False, True])
def test_long_rows_are_as_exact_as_float32_allows(scale: float, constrained: bool) -> None:
    """100 steps against float64; log Z is up to a million times what the marginals must resolve."""
    rng = np.random.default_rng(7)
    emissions = (rng.normal(size=(3, 100, 4)) * scale).astype(np.float32)
    transitions, start, stop = (rng.normal(size=shape).astype(np.float32) for shape in ((4, 4), 4, 4))
    if constrained:
        transitions, start, stop = (
            np.where(legal, scores, np.float32(FORBIDDEN))
            for legal, scores in (
                (LEGAL_TRANSITIONS, transitions),
                (LEGAL_START, start),
                (LEGAL_STOP, stop),
            )
        )
    mask = np.ones((3, 100), bool)
    potentials = transitions, start, stop
    log_partition, marginals = (x.numpy() for x in posterior(emissions, mask, *potentials))
    tags, score = (x.numpy() for x in viterbi(emissions, mask, *potentials))
    nll = negative_log_likelihood(emissions, tags, mask, *potentials).numpy()
    for row in range(3):
        h, g = emissions[row].astype(np.float64), transitions.astype(np.float64)
        alphas, betas = [h[0] + start], [stop.astype(np.float64)]
        for t in range(1, 100):
            alphas.append(logsumexp(alphas[-1][:, None] + g, 0) + h[t])
            betas.append(logsumexp(g + h[100 - t] + betas[-1], 1))
        exact = logsumexp(alphas[-1] + stop)
        assert log_partition[row] == pytest.approx(exact, rel=1e-6)
        np.testing.assert_allclose(marginals[row], np.exp(np.array(alphas) + betas[::-1] - exact), atol=5e-6)
        path = tags[row]
        total = h[np.arange(100), path].sum() + g[path[:-1], path[1:]].sum() + start[path[0]] + stop[path[-1]]
        assert score[row] == pytest.approx(total, rel=1e-6)
        assert nll[row] == pytest.approx(exact - total, rel=1e-5, abs=1e-6 * scale + 1e-5)
