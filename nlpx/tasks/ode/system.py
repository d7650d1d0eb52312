"""A system of ordinary differential equations, and its solution in float64."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from nlpx.core.lazy import np
from nlpx.data.observations import TIME
from nlpx.layers.solvers import SOLVERS, Field, Method, between
from nlpx.tasks.ode.expression import Expression
from nlpx.tasks.ode.quantity import Quantity

Numbers = Mapping[str, Any]
"""By name: theta of a learned quantity."""
TINY = 1e-30
"""The imaginary part that carries a derivative: its square is nothing next to 1."""


def initial_name(variable: str) -> str:
    """The name of the initial value of a variable."""
    return f"initial_{variable}"


@dataclass(frozen=True)
class System:
    """x' = f(x, t) from x(start), solved in steps.

    Attributes:
        equations: f by variable, in the order of x.
        quantities: parameters by name, then initial values by `initial_name`.
        method, step, start: of the solver.
        clip: bound of the absolute value of f; None for none.
    """

    equations: Mapping[str, Expression]
    quantities: Mapping[str, Quantity]
    method: Method
    step: float
    start: float
    clip: float | None

    @cached_property
    def learned(self) -> tuple[str, ...]:
        """The quantities that training changes."""
        return tuple(name for name, quantity in self.quantities.items() if quantity.learned)

    @property
    def initial(self) -> dict[str, float]:
        """theta before training."""
        return {name: self.quantities[name].theta for name in self.learned}

    def values(self, numbers: Numbers, exp: Callable[[Any], Any]) -> dict[str, Any]:
        """The values of all quantities; those without a number have their initial values."""
        return {
            name: quantity.value(numbers[name], exp) if name in numbers else quantity.initial
            for name, quantity in self.quantities.items()
        }

    def derivatives(
        self, x: Sequence[Any], t: Any, values: Mapping[str, Any], functions: Mapping[str, Any]
    ) -> list[Any]:
        """f before clipping, by variable."""
        known = {**values, **dict(zip(self.equations, x, strict=True)), TIME: t}
        return [equation(known, functions) for equation in self.equations.values()]

    def solve(self, numbers: Numbers, places: np.ndarray) -> np.ndarray:
        """The states after (N,) steps, whole or not, (N, D, ...); `...` is the shape of theta, often ().

        With complex theta, it gives the derivative: Im x(theta + i TINY) / TINY is exact except for rounding.
        """
        with np.errstate(all="ignore"):  # what is not finite is seen in the result
            values = self.values(numbers, np.exp)
            first = np.stack(np.broadcast_arrays(*(values[initial_name(name)] for name in self.equations)))
            shape = np.broadcast_shapes(first.shape[1:], *(np.shape(value) for value in values.values()))
            x = np.broadcast_to(first[:, *[None] * (len(shape) - first.ndim + 1)], (len(first), *shape))
            f = self._field(values)
            states, steps = [x], int(np.ceil(places.max(initial=1.0)))
            for step in range(steps):
                states.append(SOLVERS[self.method](f, states[-1], self.start + step * self.step, self.step))
            grid = np.array(states)
            before = np.clip(np.floor(places).astype(int), 0, steps - 1)
            share = (places - before).reshape(-1, *[1] * (grid.ndim - 1))

            def slope(at: np.ndarray) -> np.ndarray:
                times = (self.start + at * self.step).reshape(-1, *[1] * (grid.ndim - 2))
                return self.step * np.moveaxis(f(np.moveaxis(grid[at], 0, 1), times), 1, 0)

            after = before + 1
            return between(grid[before], grid[after], slope(before), slope(after), share)

    def jacobian(self, numbers: Numbers, places: np.ndarray) -> np.ndarray:
        """Derivatives of the states by theta of the learned quantities, (N, D, P)."""
        ways = TINY * np.eye(len(self.learned))
        moved = {name: numbers[name] + 1j * ways[i] for i, name in enumerate(self.learned)}
        return self.solve(moved, places).imag / TINY

    def _field(self, values: Mapping[str, Any]) -> Field:
        def f(x: np.ndarray, t: float | np.ndarray) -> np.ndarray:
            parts = self.derivatives(list(x), np.asarray(t, np.float64), values, FUNCTIONS)
            slope = np.stack(np.broadcast_arrays(*parts, x[0])[:-1])
            if self.clip is None:
                return slope
            beyond = np.abs(slope.real) > self.clip
            return np.where(beyond, np.copysign(self.clip, slope.real), slope)

        return f


def _least(a: Any, b: Any) -> Any:
    return np.where(np.real(a) < np.real(b), a, b)


FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    **{name: lambda *arguments, name=name: getattr(np, name)(*arguments) for name in
       ("cos", "exp", "log", "sin", "sqrt", "tan", "tanh")},
    # These are not analytic: the real part decides.
    "abs": lambda a: np.where(np.real(a) < 0, -a, a),
    "min": _least,
    "max": lambda a, b: -_least(-a, -b),
    "number": lambda value: np.float64(value),
}  # fmt: skip
"""The functions of expressions for arrays."""
