"""The recursions of a linear-chain CRF: likelihood with its gradient, marginals, Viterbi.

The forward recursion is normalized at every step: it carries log p(y_t | x_1..t) and leaves, for every pair
of tags, the backward kernel p(y_t = i | y_t+1 = j, x_1..t). Running these from the end gives the marginals.
Probabilities stay in [0, 1], and no two numbers of the size of log Z are ever subtracted: scores of 1e4 and
forbidden transitions do not affect accuracy, whereas exp(alpha + beta - log Z) would have errors of several
per cent.

The gradient of log Z is the posterior: marginals of tags, expected counts of transitions. It comes out of
the same pass, so no loop is ever differentiated. XLA compiles each function on its own, whatever surrounds
it, once for every shape.

Shapes: emissions (B, T, K), transitions (K, K) with the tag that is left as row, start and stop (K,), all
float32; mask (B, T) bool, right-padded; empty rows are allowed and have log Z = 0. Inside the loops the batch
is the last axis, the one that vectorizes; the kernels take T * K * K * B floats of memory.

Source: Rabiner 1989 (forward-backward, Viterbi); Kitagawa 1987 (smoothing by backward kernels).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import tensorflow as tf

State = tuple[tf.Tensor | tf.TensorArray, ...]
Function = TypeVar("Function", bound=Callable[..., object])

FORBIDDEN = -1e9
"""Score of forbidden tags: far below all sums of real scores, but sums of it do not overflow."""


def _compiled(function: Function) -> Function:
    return tf.function(function, jit_compile=True, autograph=False)


def negative_log_likelihood(
    emissions: tf.Tensor,
    tags: tf.Tensor,
    mask: tf.Tensor,
    transitions: tf.Tensor,
    start: tf.Tensor,
    stop: tf.Tensor,
) -> tf.Tensor:
    """log Z(x) - f(tags) of every row, (B,), with its gradient in emissions, transitions, start, stop."""

    def forward(
        emissions: tf.Tensor, transitions: tf.Tensor, start: tf.Tensor, stop: tf.Tensor
    ) -> tuple[tf.Tensor, Callable[[tf.Tensor], tuple[tf.Tensor, ...]]]:
        constants = map(tf.stop_gradient, (emissions, tags, mask, transitions, start, stop))
        nll, by_position, *by_row = _nll_and_gradient(*constants)

        def gradient(upstream: tf.Tensor) -> tuple[tf.Tensor, ...]:
            return upstream[:, None, None] * by_position, *(tf.tensordot(upstream, g, 1) for g in by_row)

        return nll, gradient

    return tf.custom_gradient(forward)(emissions, transitions, start, stop)


@_compiled
def posterior(
    emissions: tf.Tensor, mask: tf.Tensor, transitions: tf.Tensor, start: tf.Tensor, stop: tf.Tensor
) -> tuple[tf.Tensor, tf.Tensor]:
    """log Z (B,) and the marginals p(y_t = k) (B, T, K), 0 outside the mask; not differentiable."""
    scores, peaks = _shifted(emissions, mask)
    increments, marginals, _, _ = _posterior(scores, mask, transitions, start, stop)
    return tf.reduce_sum(increments, 1) + peaks, marginals


@_compiled
def viterbi(
    emissions: tf.Tensor, mask: tf.Tensor, transitions: tf.Tensor, start: tf.Tensor, stop: tf.Tensor
) -> tuple[tf.Tensor, tf.Tensor]:
    """The best tags (B, T) int32, 0 outside the mask, and their score (B,); ties go to the lower tag."""
    scores, peaks = _shifted(emissions, mask)
    h, real, length = _batch_last(scores, mask)
    states = tf.range(emissions.shape[2])[:, None]
    best = h[0] + start[:, None]
    pointers = tf.TensorArray(tf.int32, length, element_shape=best.shape)

    def forward(t: tf.Tensor, best: tf.Tensor, pointers: tf.TensorArray) -> State:
        candidates = best[:, None] + transitions[:, :, None]
        pointer = tf.where(real[t], tf.argmax(candidates, 0, tf.int32), states)
        best = tf.where(real[t], tf.reduce_max(candidates, 0) + h[t], best)
        return t + 1, best, pointers.write(t, pointer)

    _, best, pointers = _loop(lambda t: t < length, forward, (1, best, pointers), length)
    best += stop[:, None]
    last = tf.argmax(best, 0, tf.int32)
    path = tf.TensorArray(tf.int32, length, element_shape=last.shape).write(length - 1, last)

    def backward(t: tf.Tensor, tag: tf.Tensor, path: tf.TensorArray) -> State:
        tag = tf.reduce_sum(tf.where(states == tag, pointers.read(t), 0), 0)
        return t - 1, tag, path.write(t - 1, tag)

    _, _, path = _loop(lambda t: t > 0, backward, (length - 1, last, path), length)
    score = tf.where(mask[:, 0], tf.reduce_max(best, 0) + peaks, 0.0)
    return tf.where(mask, tf.transpose(path.stack()), 0), score


@_compiled
def _nll_and_gradient(
    emissions: tf.Tensor,
    tags: tf.Tensor,
    mask: tf.Tensor,
    transitions: tf.Tensor,
    start: tf.Tensor,
    stop: tf.Tensor,
) -> tuple[tf.Tensor, ...]:
    """The NLL (B,) and its gradient by row: (B, T, K), (B, K, K), (B, K), (B, K)."""
    scores, _ = _shifted(emissions, mask)  # the peaks cancel
    increments, marginals, expected, final = _posterior(scores, mask, transitions, start, stop)
    real = tf.cast(mask, tf.float32)[..., None]
    chosen = tf.one_hot(tags, emissions.shape[2]) * real
    first, before, after = chosen[:, 0], chosen[:, :-1], chosen[:, 1:]
    last = tf.reduce_sum(chosen * (real - tf.pad(real[:, 1:], [[0, 0], [0, 1], [0, 0]])), 1)
    moves = tf.einsum("bti,ij,btj->bt", before, transitions, after)
    steps = tf.reduce_sum(chosen * scores, 2) + tf.pad(moves, [[0, 0], [1, 0]])
    # log Z and f(tags) are subtracted step by step: their sums may be much larger than their difference.
    nll = tf.reduce_sum(increments - steps, 1) - tf.linalg.matvec(first, start) - tf.linalg.matvec(last, stop)
    return (
        nll,
        marginals - chosen,
        expected - tf.einsum("bti,btj->bij", before, after),
        marginals[:, 0] - first,
        final - last,
    )


def _posterior(
    scores: tf.Tensor, mask: tf.Tensor, transitions: tf.Tensor, start: tf.Tensor, stop: tf.Tensor
) -> tuple[tf.Tensor, ...]:
    """What each step adds to log Z (B, T), marginals (B, T, K), expected transitions, those of the last tag.

    The third is (B, K, K), the last (B, K).
    """
    h, real, length = _batch_last(scores, mask)
    opening, filtered = _normalized(h[0] + start[:, None])
    increments = tf.TensorArray(tf.float32, length, element_shape=opening.shape)
    pairs = filtered[:, None] + transitions[:, :, None]
    kernels = tf.TensorArray(tf.float32, length, element_shape=pairs.shape)

    def forward(
        t: tf.Tensor, filtered: tf.Tensor, increments: tf.TensorArray, kernels: tf.TensorArray
    ) -> State:
        pairs = filtered[:, None] + transitions[:, :, None]
        peak = tf.reduce_max(pairs, 0)
        exponentials = tf.exp(pairs - peak)
        total = tf.reduce_sum(exponentials, 0)
        increment, moved = _normalized(peak + tf.math.log(total) + h[t])
        filtered = tf.where(real[t], moved, filtered)
        return t + 1, filtered, increments.write(t, increment), kernels.write(t, exponentials / total)

    _, filtered, increments, kernels = _loop(
        lambda t: t < length, forward, (1, filtered, increments, kernels), length
    )
    closing, final = _normalized(filtered + stop[:, None])
    increments = increments.write(0, opening + closing)
    final = tf.exp(final)
    marginals = tf.TensorArray(tf.float32, length, element_shape=final.shape).write(length - 1, final)

    def backward(t: tf.Tensor, marginal: tf.Tensor, marginals: tf.TensorArray, expected: tf.Tensor) -> State:
        joint = kernels.read(t) * marginal
        marginal = tf.where(real[t], tf.reduce_sum(joint, 1), marginal)
        return t - 1, marginal, marginals.write(t - 1, marginal), expected + tf.where(real[t], joint, 0.0)

    _, _, marginals, expected = _loop(
        lambda t: t > 0, backward, (length - 1, final, marginals, tf.zeros_like(pairs)), length
    )
    return (
        tf.where(mask, tf.transpose(increments.stack()), 0.0),
        tf.where(mask[..., None], tf.transpose(marginals.stack(), [2, 0, 1]), 0.0),
        tf.transpose(expected, [2, 0, 1]),
        tf.where(mask[:, :1], tf.transpose(final), 0.0),
    )


def _shifted(emissions: tf.Tensor, mask: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Emissions less the highest of their position, 0 outside the mask; and the sum of these peaks (B,)."""
    peaks = tf.reduce_max(emissions, 2, keepdims=True)
    scores = tf.where(mask[..., None], emissions - peaks, 0.0)
    return scores, tf.reduce_sum(tf.where(mask, peaks[..., 0], 0.0), 1)


def _batch_last(scores: tf.Tensor, mask: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
    """Scores (T, K, B), mask (T, B), and T."""
    return tf.transpose(scores, [1, 2, 0]), tf.transpose(mask), tf.shape(scores)[1]


def _normalized(scores: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """logsumexp over the first axis, and the scores less it: log-probabilities."""
    total = tf.reduce_logsumexp(scores, 0)
    return total, scores - total


def _loop(
    condition: Callable[[tf.Tensor], tf.Tensor],
    body: Callable[..., State],
    state: State,
    length: tf.Tensor,
) -> State:
    """A while loop over t, the first of the state, whose number of steps XLA knows."""
    return tf.while_loop(lambda t, *_: condition(t), body, state, maximum_iterations=length)
