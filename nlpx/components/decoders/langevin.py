"""Sampling from an energy by Langevin dynamics."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, Literal

from nlpx.components.decoders.base import Decoder
from nlpx.core.lazy import np
from nlpx.core.options import NonNegativeFloat, PositiveFloat, PositiveInt

Energy = Callable[["np.ndarray"], tuple["np.ndarray", "np.ndarray"]]
"""Points (N, ...) -> energies (N,) and their gradients (N, ...)."""


class Langevin(Decoder):
    """Samples from the density e^-U / Z of an energy U, beginning with those of the generator.

    x' = x - step_size / 2 * U'(x) + sqrt(step_size) * a,  a ~ N(0, 1)

    Options:
        space: data changes samples x by U(x); latent changes the noise z by U(G(z)), which is exact only if G
            preserves volumes.
        steps: number of steps.
        step_size: variance of the noise of a step.
        adjusted: accept a step with the probability min(1, p(x') q(x | x') / (p(x) q(x' | x))), where q is
            the density of the step (MALA). Then e^-U is the stationary density for every step size.
            Otherwise it is only as step_size -> 0; for U = x^2 / 2, the variance is 1 / (1 - step_size / 4).
        prior: weight of the energy |z|^2 / 2 of the noise, which is added in the latent space; 0 as in the
            original.
    Shapes: points (N, ...) -> (N, ...).
    Data: points or images.
    Relations: for energies, that is, for the loss maximum_entropy; other discriminators are no
        log-densities. Every step computes a gradient, in the latent space also through the generator.
    Reference: Roberts and Tweedie 1996; kexue.fm archive 6331, whose proposal density has another step size
        than its step; here both have the same.
    Example:
        task: gan
        decode: {type: langevin, space: latent, steps: 100, step_size: 0.01}
    """

    needs: ClassVar[frozenset[str]] = frozenset({"energy"})

    type: Literal["langevin"] = "langevin"
    space: Literal["data", "latent"] = "data"
    steps: PositiveInt = 100
    step_size: PositiveFloat = 0.01
    adjusted: bool = True
    prior: NonNegativeFloat = 0.0

    def sample(self, start: np.ndarray, energy: Energy, seeds: list[list[int]]) -> np.ndarray:
        """The last points of chains, (N, ...) float32, none of which depends on the others.

        Args:
            start: the first points, (N, ...).
            energy: U.
            seeds: of the random numbers of each chain.
        """
        sources = [np.random.default_rng(seed) for seed in seeds]
        points = start.astype(np.float32)
        energies, slopes = energy(points)
        for _ in range(self.steps):
            noise = np.stack([source.normal(size=start.shape[1:]) for source in sources])
            moved = points - self.step_size / 2 * slopes + self.step_size**0.5 * noise
            moved = moved.astype(np.float32)
            found, steep = energy(moved)
            if self.adjusted:
                there = self._log_density(points, moved, slopes)
                back = self._log_density(moved, points, steep)
                chance = np.array([source.random() for source in sources])
                accepted = np.log(chance) < energies - found + back - there
                kept = accepted.reshape(-1, *[1] * (points.ndim - 1))
                moved, steep = np.where(kept, moved, points), np.where(kept, steep, slopes)
                found = np.where(accepted, found, energies)
            points, energies, slopes = moved, found, steep
        return points

    def _log_density(self, before: np.ndarray, after: np.ndarray, slopes: np.ndarray) -> np.ndarray:
        """log q(after | before) without its constant, (N,)."""
        way = after - before + self.step_size / 2 * slopes
        return -np.square(way, dtype=np.float64).reshape(len(way), -1).sum(1) / (2 * self.step_size)
