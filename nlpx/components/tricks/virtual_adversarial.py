"""Virtual adversarial training: probabilities should not depend on small changes of the input."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Literal

from pydantic import PrivateAttr

from nlpx.components.losses.base import Term
from nlpx.components.tricks.base import Objective, Tensors, Trick
from nlpx.components.tricks.divergence import Output, kl_divergence, with_output
from nlpx.components.tricks.perturbation import Place, directions, moved
from nlpx.components.tricks.terms import extended
from nlpx.components.varying import Varying, now
from nlpx.core.lazy import keras, tf
from nlpx.core.options import NonNegativeFloat, Passes, PositiveFloat


class VirtualAdversarial(Trick):
    """Penalize how much the probabilities change where the input changes in the worst direction.

    L + weight * mean of KL(p(E) || p(E + epsilon * d)),
    d <- g / ||g||,  g = gradient of KL(p(E) || p(E + xi * d)) with respect to d, from a random d

    p(E) is constant. d of a row is that of its own probabilities and its own vectors. Targets are not used.

    Options:
        epsilon: norm of the change of a row.
        xi: norm of the change at which the gradient is computed.
        iterations: steps of this power iteration.
        weight: coefficient of the divergence.
        output: the scores before the softmax that give p.
        at: what is changed: the vectors of tokens, or an image with values 0 to 255.
    Shapes: output (..., U), mask (...); the mean is over all positions of the mask.
    Data: any.
    Relations: for few or doubtful targets, which it does not use. After tricks that make several passes, it
        is about the first one. All passes of a step have the same dropout. A step costs iterations + 2
        forward and backward passes, and memory for two. Random numbers are saved in checkpoints;
        micro-batches draw their own.
    Reference: Miyato et al. 2019, arXiv 1704.03976.
    Example:
        tricks:
          - {type: virtual_adversarial, epsilon: 0.5}
    """

    type: Literal["virtual_adversarial"] = "virtual_adversarial"
    epsilon: Varying[NonNegativeFloat] = 0.5
    xi: Varying[PositiveFloat] = 0.1
    iterations: Passes = 1
    weight: Varying[NonNegativeFloat] = 1.0
    output: Output = "logits"
    at: Place = "embedding"

    _seeds: list[Any] = PrivateAttr(default_factory=list)

    @property
    def reads(self) -> frozenset[str]:
        return frozenset({self.output, self.at})

    def build(self, weights: Sequence[keras.Variable]) -> None:
        self._seeds = [keras.random.SeedGenerator()]

    @property
    def variables(self) -> list[keras.Variable]:
        return [generator.state for generator in self._seeds]

    def objective(self, objective: Objective, variables: Sequence[keras.Variable]) -> Objective:
        end = f"value/{self.output}"

        def smoothed(batch: Tensors) -> Mapping[str, Term]:
            with self._same_dropout() as again:
                tensors: list[tf.Tensor] = []

                def evaluate(batch: Tensors) -> Mapping[str, Term]:
                    terms, found = moved(objective, batch, self.at, until=end)
                    tensors.extend(found)
                    return terms

                terms, log_p, mask = with_output(evaluate, batch, self.output)
                log_p = tf.stop_gradient(log_p)

                def divergence(moves: Sequence[tf.Tensor]) -> tf.Tensor:
                    again()
                    evaluate = lambda batch: moved(objective, batch, self.at, moves, until=end)[0]  # noqa: E731
                    return kl_divergence(log_p, with_output(evaluate, batch, self.output)[1], mask)

                noise = [keras.random.normal(tf.shape(x), seed=self._seeds[0]) for x in tensors]
                ways = directions([tf.ensure_shape(d, x.shape) for d, x in zip(noise, tensors, strict=True)])
                for _ in range(self.iterations):
                    moves = [now(self.xi) * way for way in ways]
                    with tf.GradientTape() as tape:
                        tape.watch(moves)
                        found = divergence(moves)
                    ways = directions(tape.gradient(found, moves))
                change = divergence([tf.stop_gradient(now(self.epsilon) * way) for way in ways])
            term = Term(change, tf.reduce_sum(mask), now(self.weight))
            return extended(terms, {"virtual_adversarial": term})

        return smoothed

    @contextmanager
    def _same_dropout(self) -> Iterator[Any]:
        """Gives a function that sets the seeds of the model back to those at the start of this block."""
        seeds = [v for v in self.names.variables if v.name == "seed_generator_state"]
        before = [tf.identity(seed.value) for seed in seeds]

        def again() -> None:
            for seed, value in zip(seeds, before, strict=True):
                seed.assign(value)

        yield again
