"""Steps of solvers of x' = f(x, t), for tensors and for arrays."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal

Field = Callable[[Any, Any], Any]
"""f in x' = f(x, t): the state x and the time t -> a derivative of the shape of x."""
Method = Literal["euler", "heun", "rk4"]


def euler(f: Field, x: Any, t: Any, h: float) -> Any:
    """x + h f(x, t), of order 1."""
    return x + h * f(x, t)


def heun(f: Field, x: Any, t: Any, h: float) -> Any:
    """The mean of the slopes at both ends of an Euler step, of order 2."""
    slope = f(x, t)
    return x + h / 2 * (slope + f(x + h * slope, t + h))


def rk4(f: Field, x: Any, t: Any, h: float) -> Any:
    """The classical method of Runge and Kutta, of order 4."""
    first = f(x, t)
    second = f(x + h / 2 * first, t + h / 2)
    third = f(x + h / 2 * second, t + h / 2)
    return x + h / 6 * (first + 2 * second + 2 * third + f(x + h * third, t + h))


SOLVERS: Mapping[Method, Callable[[Field, Any, Any, float], Any]] = {
    "euler": euler,
    "heun": heun,
    "rk4": rk4,
}


def between(start: Any, end: Any, first: Any, last: Any, share: Any) -> Any:
    """The cubic between two states of a solution, which has their slopes there; of order 4.

    Args:
        start, end: the states at both ends of a step.
        first, last: h f at both ends.
        share: where in the step, from 0 to 1.
    """
    cubic = first * (1 - share) - last * share + (end - start) * (2 * share - 1)
    return start + share * (end - start) + share * (1 - share) * cubic
