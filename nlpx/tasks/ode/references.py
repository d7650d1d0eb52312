"""References of the task ode: the parameters before training, and least squares."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import numpy as np

from nlpx.data.observations import Observation
from nlpx.specs.predictor import Say, unheard
from nlpx.tasks.ode.codec import ObservationCodec
from nlpx.tasks.ode.intervals import Fit
from nlpx.tasks.ode.predictor import Solution
from nlpx.tasks.ode.system import System

FAILED = 1e30
"""A residual where the solution is not finite."""


class InitialReference(Solution):
    """The solution with the parameters of the config, before training."""

    def __init__(self, system: System, codec: ObservationCodec) -> None:
        super().__init__(system, codec, lambda: system.initial)


class LeastSquaresReference(Solution):
    """The solution with the parameters that the algorithm of Levenberg and Marquardt in SciPy finds.

    It begins with the same parameters as training, in theta, and reads the training split.
    """

    def __init__(self, system: System, codec: ObservationCodec) -> None:
        self._found: Mapping[str, float] = system.initial
        super().__init__(system, codec, lambda: self._found)

    def prepare(
        self,
        rows: Callable[[str], Iterable[Observation]],
        folder: Path | None = None,
        weights: str = "",
        say: Say = unheard,
    ) -> None:
        from scipy.optimize import least_squares

        fit = Fit(self._system, self._codec, [*rows("train")])
        names = self._system.learned

        def finite(
            function: Callable[[Mapping[str, float]], np.ndarray],
        ) -> Callable[[np.ndarray], np.ndarray]:
            return lambda theta: np.nan_to_num(
                function(dict(zip(names, theta, strict=True))), nan=FAILED, posinf=FAILED, neginf=-FAILED
            )

        start = np.array([self._system.initial[name] for name in names])
        found = least_squares(
            finite(fit.residuals),
            start,
            finite(fit.jacobian),
            x_scale="jac",
            max_nfev=500,
            ftol=1e-12,
            xtol=1e-12,
        )
        self._found = dict(zip(names, found.x.tolist(), strict=True))


def references(system: System, codec: ObservationCodec) -> Mapping[str, Solution]:
    """Both references, by name."""
    return {"initial": InitialReference(system, codec), "least_squares": LeastSquaresReference(system, codec)}
