"""Optimizers and adversarial training as dynamical systems: the plots and numbers of docs/dynamics.md.

    python benchmarks/dynamics.py            write the plots into docs/dynamics, and print the numbers
    python benchmarks/dynamics.py --check    exit with 1 if a plot, or a number in a page, is out of date

Everything is computed in float64 in less than a second; only +, -, *, / and square roots are used where the
dynamics are chaotic, so that the plots are the same everywhere. The pages are docs/dynamics.md and
docs/dynamics.zh-CN.md.
"""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from nlpx.core.plot import Axis, LinePlot
from nlpx.layers.solvers import rk4

ROOT = Path(__file__).resolve().parents[1]
PLOTS, PAGES = ROOT / "docs" / "dynamics", (ROOT / "docs/dynamics.md", ROOT / "docs/dynamics.zh-CN.md")
Points = list[tuple[float, float]]


def momentum_of(step: float, damping: float) -> tuple[float, float]:
    """(beta, alpha) of v = beta v - alpha grad L, w = w + v, the leapfrog for w'' + damping w' = -grad L."""
    whole = 1 + damping * step / 2
    return (1 - damping * step / 2) / whole, step * step / whole


def momentum(step: float, damping: float, time: float) -> Points:
    """(t, w) of momentum on L = w^2 from w = 1 at rest."""
    beta, alpha = momentum_of(step, damping)
    w, points = 1.0, [(0.0, 1.0)]
    # At rest, half of the first step: the velocity is that of half a step later.
    v = -alpha * 2 * w / (1 + beta)
    for number in range(1, round(time / step) + 1):
        w += v
        v = beta * v - alpha * 2 * w
        points.append((number * step, w))
    return points


def oscillator(damping: float, time: float) -> Points:
    """(t, w) of w'' + damping w' = -2 w from 1 at rest, in closed form."""
    a = math.sqrt(2 - damping * damping / 4)
    times = np.linspace(0, time, 300).tolist()
    decay = damping / 2
    return [(t, math.exp(-decay * t) * (math.cos(a * t) + decay / a * math.sin(a * t))) for t in times]


CURVATURE = np.array([1.0, 25.0])
"""L = sum of curvature w^2 / 2, a valley that is five times longer than wide."""
START = np.array([1.013, 0.607])
WAYS: Mapping[str, Callable[[np.ndarray, np.ndarray], np.ndarray]] = {
    "gradient": lambda g, total: 0.02 * g,
    "RMSprop limit": lambda g, total: 0.02 * np.sign(g),
    "its scalar form": lambda g, total: 0.02 * g / math.sqrt(float(g @ g)),
    "Adagrad": lambda g, total: 0.02 * g / np.sqrt(total),
}
"""The step of an optimizer for a gradient and the sum of the squared ones."""


def descend(way: str, steps: int) -> np.ndarray:
    """The places (steps + 1, 2) of an optimizer in the valley."""
    w, total = START.copy(), np.zeros(2)
    places = [w]
    for _ in range(steps):
        g = CURVATURE * w
        total = total + g * g
        w = w - WAYS[way](g, total)
        places.append(w)
    return np.array(places)


def toy(x: float) -> float:
    """A minimum near 0.40693 of about 0, a maximum, and a minimum of 1.62276 at 3."""
    return x * (x - 1) * (x - 3) * (x - 3) + 1.62276


def toy_slope(x: float) -> float:
    return -9 + 30 * x - 21 * x * x + 4 * x * x * x


def polyak(form: str, steps: int, slope: Callable[[float], float] = toy_slope) -> list[float]:
    """Places on the toy from 4, with the step 0.01.

    Args:
        form: printed, -sign(g) min(|g| / g^2, 1000) f; rewritten, the same with 1 / |g|; or gradient, -g.
        steps: how many.
        slope: the derivative of the toy, in a form that may round otherwise.
    """
    x, places = 4.0, [4.0]
    for _ in range(steps):
        g = slope(x)
        if form == "gradient":
            change = g
        else:
            inverse = abs(g) / (g * g) if form == "printed" else 1 / abs(g)
            change = math.copysign(min(inverse, 1000.0), g) * toy(x)
        x -= 0.01 * change
        places.append(x)
    return places


def dirac(penalty: str, time: float, step: float = 0.05) -> np.ndarray:
    """theta (N, 2) of the GAN with D(x) = phi x, G = theta and the real point 0 along its gradient flow.

    Args:
        penalty: none; zero, 0.1 |D'|^2, both with the logistic objective; or one, (|D'| - 1)^2 with that of
            Wasserstein.
        time: how long.
        step: of the solver, of order 4.
    """

    def velocity(state: np.ndarray, t: float) -> np.ndarray:
        phi, theta = state[:2], state[2:]
        if penalty == "one":
            norm = math.sqrt(float(phi @ phi))
            return np.concatenate([theta - 2 * (norm - 1) / norm * phi, -phi])
        share = 1 / (1 + math.exp(-float(phi @ theta)))
        decay = 0.2 if penalty == "zero" else 0.0
        return np.concatenate([(1 - share) * theta - decay * phi, -share * phi])

    state, places = np.array([0.1, 0.2, 0.2, 0.1]), []
    for _ in range(round(time / step)):
        state = rk4(velocity, state, 0.0, step)
        places.append(state[2:])
    return np.array(places)


def averaged(places: np.ndarray, momentum: float) -> np.ndarray:
    """The moving average of weights, without bias at the beginning."""
    average, found = np.zeros(places.shape[1]), []
    for number, place in enumerate(places, start=1):
        average = momentum * average + (1 - momentum) * place
        found.append(average / (1 - momentum**number))
    return np.array(found)


AVERAGE = 0.999
TIME = 100.0
TURN = 260
"""Steps of about one turn of the GAN without a penalty."""


def dirac_norms() -> dict[str, np.ndarray]:
    """|theta| by variant, every 0.05."""
    free = dirac("none", TIME)
    variants = {
        "no penalty": free,
        "centre 0": dirac("zero", TIME),
        "centre 1": dirac("one", TIME),
        "no penalty, EMA": averaged(free, AVERAGE),
    }
    return {name: np.linalg.norm(places, axis=1) for name, places in variants.items()}


def plots() -> Iterator[tuple[str, LinePlot]]:
    """The plots by the names of their files."""
    curves = {
        "differential equation": oscillator(1.0, 8.0),
        "step 0.5": momentum(0.5, 1.0, 8.0),
        "step 1": momentum(1.0, 1.0, 8.0),
    }
    dots = {name: points for name, points in curves.items() if name.startswith("step")}
    yield "momentum", _plot("momentum on w^2, damping 1", "t", "w", curves, dots)

    paths = {name: _pairs(descend(name, 400)) for name in WAYS}
    yield "paths", _plot("400 steps in the valley (x^2 + 25 y^2) / 2", "x", "y", paths)
    shown = ("gradient", "RMSprop limit", "Adagrad")
    ends = {name: np.linalg.norm(descend(name, 400), axis=1) for name in shown}
    distances = {
        name: _pairs(np.stack([np.arange(401), np.maximum(far, 1e-6)], 1)) for name, far in ends.items()
    }
    yield "distances", _plot("distance from the minimum", "step", "|w|", distances, log=True)

    forms = {"printed": "printed", "rewritten": "rewritten", "gradient descent": "gradient"}
    places = {
        name: _pairs(np.stack([np.arange(3501), polyak(form, 3500)], 1)[::5]) for name, form in forms.items()
    }
    yield "polyak", _plot("x on the toy, from 4", "step", "x", places)

    norms = {
        name: _pairs(np.stack([0.05 * np.arange(1, len(far) + 1), far], 1)[::4])
        for name, far in dirac_norms().items()
    }
    yield "dirac", _plot("distance of the generator from the real point", "t", "|theta|", norms)


def _pairs(points: np.ndarray) -> Points:
    return [(float(x), float(y)) for x, y in points]


def _plot(
    title: str,
    x: str,
    y: str,
    curves: Mapping[str, Points],
    dots: Mapping[str, Points] | None = None,
    log: bool = False,
) -> LinePlot:
    across, up = ([point[i] for points in curves.values() for point in points] for i in (0, 1))
    return LinePlot(title, Axis.over(x, across), Axis.over(y, up, log), curves, dots=dots or {})


def numbers() -> dict[str, str]:
    """What the pages say, by what it is."""
    beta, alpha = momentum_of(0.1, 1.0)
    ends = {name: float(np.linalg.norm(descend(name, 400)[-1])) for name in WAYS}
    errors = [abs(momentum(step, 1.0, 8.0)[-1][1] - oscillator(1.0, 8.0)[-1][1]) for step in (0.5, 0.25)]
    norms = {name: far[-TURN:] for name, far in dirac_norms().items()}
    ranges = {f"dirac, {name}": f"{far.min():.2g}–{far.max():.2g}" for name, far in norms.items()}
    printed, rewritten = polyak("printed", 5000), polyak("rewritten", 5000)
    return {
        "beta": f"{beta:.7f}",
        "alpha": f"{alpha:.8f}",
        "error of half the step": f"{errors[0] / errors[1]:.1f}",
        **{f"end, {name}": f"{far:.1e}" for name, far in ends.items()},
        "polyak, printed, arrives": str(_arrival(printed)),
        "polyak, rewritten, arrives": str(_arrival(rewritten)),
        "polyak, gradient, ends": f"{polyak('gradient', 5000)[-1]:.4f}",
        **ranges,
    }


def _arrival(places: Sequence[float]) -> int:
    """The first step that is near the lower minimum."""
    return next(step for step, x in enumerate(places) if abs(x - 0.40693) < 0.05)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--check", action="store_true")
    arguments = parser.parse_args()
    drawn = {PLOTS / f"{name}.svg": plot.svg() for name, plot in plots()}
    found = numbers()
    if not arguments.check:
        PLOTS.mkdir(exist_ok=True)
        for path, content in drawn.items():
            path.write_text(content, encoding="utf-8")
        print("\n".join(f"{name}: {value}" for name, value in found.items()))
        return
    for path, content in drawn.items():
        if not path.exists() or path.read_text(encoding="utf-8") != content:
            sys.exit(f"{path.relative_to(ROOT)} is not up to date. Run: python benchmarks/dynamics.py")
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        for name, value in found.items():
            if value not in text:
                sys.exit(f"{page.relative_to(ROOT)} does not say {value} ({name}). Change the page.")


if __name__ == "__main__":
    main()
