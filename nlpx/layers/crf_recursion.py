"""The recursions of a linear-chain CRF: forward-backward with its gradient, and Viterbi.

Loss and gradient come out of one pass: the gradient of log Z is the posterior (marginals of tags, expected
counts of transitions), so the loops are never differentiated. Each function is compiled by XLA on its own,
whatever surrounds it, once for every shape.

Shapes: emissions (B, T, K), transitions (K, K) with the tag that is left as row, start and stop (K,), all
float32; mask (B, T) bool, right-padded; empty rows are allowed and have log Z = 0.
"""

from __future__ import annotations

import tensorflow as tf

FORBIDDEN = -1e9
"""Score of what a mask forbids: no sum of real scores comes near, and no sum of these overflows."""


@tf.custom_gradient
def negative_log_likelihood(
    emissions: tf.Tensor,
    tags: tf.Tensor,
    mask: tf.Tensor,
    transitions: tf.Tensor,
    start: tf.Tensor,
    stop: tf.Tensor,
) -> tuple[tf.Tensor, object]:
    """log Z(x) - f(tags) of every row, (B,); differentiable in emissions, transitions, start and stop."""
    nll, of_emissions, of_transitions, of_start, of_stop = _nll_and_gradient(
        emissions, tags, mask, transitions, start, stop
    )

    def gradient(upstream: tf.Tensor) -> tuple[tf.Tensor | None, ...]:
        rows = upstream[:, None]
        return (
            rows[..., None] * of_emissions,
            None,
            None,
            tf.tensordot(upstream, of_transitions, 1),
            tf.reduce_sum(rows * of_start, 0),
            tf.reduce_sum(rows * of_stop, 0),
        )

    return nll, gradient


@tf.function(jit_compile=True)
def posterior(
    emissions: tf.Tensor, mask: tf.Tensor, transitions: tf.Tensor, start: tf.Tensor, stop: tf.Tensor
) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
    """log Z (B,), marginals p(y_t = k) (B, T, K), expected transition counts (B, K, K)."""
    return _posterior(emissions, mask, transitions, start, stop)


@tf.function(jit_compile=True)
def viterbi(
    emissions: tf.Tensor, mask: tf.Tensor, transitions: tf.Tensor, start: tf.Tensor, stop: tf.Tensor
) -> tuple[tf.Tensor, tf.Tensor]:
    """The best tags (B, T) int32, 0 beyond the end, and their score (B,); ties go to the lower tag."""
    length = tf.shape(emissions)[1]
    states = tf.range(emissions.shape[2], dtype=tf.int32)
    best = emissions[:, 0] + start
    pointers = tf.TensorArray(tf.int32, length, element_shape=best.shape)

    def forward(t: tf.Tensor, best: tf.Tensor, pointers: tf.TensorArray) -> tuple[object, ...]:
        candidates = best[:, :, None] + transitions
        real = mask[:, t, None]
        pointer = tf.where(real, tf.argmax(candidates, 1, tf.int32), states)
        best = tf.where(real, tf.reduce_max(candidates, 1) + emissions[:, t], best)
        return t + 1, best, pointers.write(t, pointer)

    _, best, pointers = tf.while_loop(
        lambda t, *_: t < length, forward, (1, best, pointers), maximum_iterations=length
    )
    best += stop
    last = tf.argmax(best, 1, tf.int32)
    path = tf.TensorArray(tf.int32, length, element_shape=last.shape).write(length - 1, last)

    def backward(t: tf.Tensor, tag: tf.Tensor, path: tf.TensorArray) -> tuple[object, ...]:
        tag = tf.gather(pointers.read(t), tag, batch_dims=1)
        return t - 1, tag, path.write(t - 1, tag)

    _, _, path = tf.while_loop(
        lambda t, *_: t > 0, backward, (length - 1, last, path), maximum_iterations=length
    )
    tags = tf.where(mask, tf.transpose(path.stack()), 0)
    score = tf.where(mask[:, 0], tf.reduce_max(best, 1), 0.0)
    return tags, score


@tf.function(jit_compile=True)
def _nll_and_gradient(
    emissions: tf.Tensor,
    tags: tf.Tensor,
    mask: tf.Tensor,
    transitions: tf.Tensor,
    start: tf.Tensor,
    stop: tf.Tensor,
) -> tuple[tf.Tensor, ...]:
    log_partition, marginals, expected = _posterior(emissions, mask, transitions, start, stop)
    real = tf.cast(mask, tf.float32)
    chosen = tf.one_hot(tags, emissions.shape[2]) * real[..., None]
    first, last = chosen[:, 0], chosen * _last_position(real)[..., None]
    stopped = tf.reduce_sum(last, 1)
    counts = tf.einsum("bti,btj->bij", chosen[:, :-1], chosen[:, 1:])
    score = (
        tf.reduce_sum(tf.where(chosen > 0, emissions, 0.0), [1, 2])
        + tf.reduce_sum(counts * transitions, [1, 2])
        + tf.linalg.matvec(first, start)
        + tf.linalg.matvec(stopped, stop)
    )
    last_marginal = tf.reduce_sum(marginals * _last_position(real)[..., None], 1)
    return (
        log_partition - score,
        marginals - chosen,
        expected - counts,
        marginals[:, 0] - first,
        last_marginal - stopped,
    )


def _posterior(
    emissions: tf.Tensor, mask: tf.Tensor, transitions: tf.Tensor, start: tf.Tensor, stop: tf.Tensor
) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
    """Forward, then backward, in log space; alpha_t and beta_t as in Rabiner 1989."""
    length = tf.shape(emissions)[1]
    alpha = emissions[:, 0] + start
    alphas = tf.TensorArray(tf.float32, length, element_shape=alpha.shape).write(0, alpha)

    def forward(t: tf.Tensor, alpha: tf.Tensor, alphas: tf.TensorArray) -> tuple[object, ...]:
        moved = tf.reduce_logsumexp(alpha[:, :, None] + transitions, 1) + emissions[:, t]
        alpha = tf.where(mask[:, t, None], moved, alpha)
        return t + 1, alpha, alphas.write(t, alpha)

    _, alpha, alphas = tf.while_loop(
        lambda t, *_: t < length, forward, (1, alpha, alphas), maximum_iterations=length
    )
    log_partition = tf.reduce_logsumexp(alpha + stop, 1)

    beta = tf.zeros_like(alpha) + stop
    betas = tf.TensorArray(tf.float32, length, element_shape=beta.shape).write(length - 1, beta)
    expected = tf.zeros_like(alpha[:, :, None] + transitions)

    def backward(
        t: tf.Tensor, beta: tf.Tensor, betas: tf.TensorArray, expected: tf.Tensor
    ) -> tuple[object, ...]:
        real = mask[:, t + 1, None]
        through = transitions + (emissions[:, t + 1] + beta)[:, None, :]
        joint = tf.exp(alphas.read(t)[:, :, None] + through - log_partition[:, None, None])
        expected += tf.where(real[..., None], joint, 0.0)
        beta = tf.where(real, tf.reduce_logsumexp(through, 2), beta)
        return t - 1, beta, betas.write(t, beta), expected

    _, _, betas, expected = tf.while_loop(
        lambda t, *_: t >= 0, backward, (length - 2, beta, betas, expected), maximum_iterations=length
    )
    log_marginals = alphas.stack() + betas.stack() - log_partition[:, None]
    marginals = tf.where(mask[..., None], tf.exp(tf.transpose(log_marginals, [1, 0, 2])), 0.0)
    return tf.where(mask[:, 0], log_partition, 0.0), marginals, expected


def _last_position(real: tf.Tensor) -> tf.Tensor:
    """1 at the last real position of every row, (B, T)."""
    return real - tf.pad(real[:, 1:], [[0, 0], [0, 1]])
