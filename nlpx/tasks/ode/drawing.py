"""Plots of solutions and observations."""

from __future__ import annotations

import numpy as np

from nlpx.core.plot import Axis, LinePlot
from nlpx.data.observations import TIME
from nlpx.tasks.ode.intervals import Fit
from nlpx.tasks.ode.system import Numbers

POINTS = 400
"""Most points of a curve."""


def plot(fit: Fit, numbers: Numbers, end: float) -> LinePlot:
    """The solution from the start to `end` steps as curves, with the observations as dots."""
    places = np.linspace(0.0, max(end, 1.0), POINTS)
    system, variables = fit.system, tuple(fit.system.equations)
    states = system.solve(numbers, places)
    times = system.start + system.step * places
    curves = {
        name: list(zip(times.tolist(), states[:, i].tolist(), strict=True))
        for i, name in enumerate(variables)
    }
    seen = system.start + system.step * fit.places
    dots = {
        name: [(t, x) for t, x in zip(seen.tolist(), fit.observed[:, i].tolist(), strict=True) if x == x]
        for i, name in enumerate(variables)
    }
    shown = [x for points in (*curves.values(), *dots.values()) for _, x in points if np.isfinite(x)]
    return LinePlot(
        title="solution, and observations as dots",
        x=Axis(TIME, float(times[0]), float(times[-1])),
        y=Axis.over("", shown or [0.0]),
        curves=curves,
        dots=dots,
    )
