"""The equations of a config with their parameters."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Self

from pydantic import Field, model_validator

from nlpx.core.component import Section
from nlpx.core.misfits import Misfit, refuse
from nlpx.core.options import PositiveFloat
from nlpx.data.observations import TIME
from nlpx.layers.solvers import Method
from nlpx.tasks.ode.expression import ARITY, NAME, Expression, ExpressionError, parse
from nlpx.tasks.ode.quantity import Finite, Quantity
from nlpx.tasks.ode.system import System, initial_name


class OdeModel(Section):
    """A system of equations x' = f(x, t) with parameters, and its solver.

    Options:
        equations: by variable, its derivative: an expression of variables, parameters and the time t, with
            + - * / ^, parentheses, and abs cos exp log max min sin sqrt tan tanh.
        parameters: by name, a number to begin with, which is learned, or a mapping.
        initial: by variable, its value at `start`: a number, which is known, or a mapping, which is learned.
        start: time of the initial values.
        step: length of a step of the solver; between steps, the solution is a cubic with the slopes of f.
        steps: number of steps; no observation may be later.
        solver: euler, heun or rk4, which evaluate f once, twice and four times in a step.
        clip: bound of the absolute value of f, which keeps bad parameters from overflowing.
    """

    equations: Annotated[dict[str, str], Field(min_length=1, max_length=50)]
    parameters: Annotated[dict[str, Finite | Quantity], Field(max_length=200)] = {}
    initial: dict[str, Finite | Quantity]
    start: Finite = 0.0
    step: PositiveFloat = 1.0
    steps: Annotated[int, Field(ge=1, le=100_000)] = 100
    solver: Method = "rk4"
    clip: PositiveFloat | None = None

    @property
    def end(self) -> float:
        """The time of the last step."""
        return self.start + self.steps * self.step

    def quantities(self) -> dict[str, Quantity]:
        """Parameters by name, then initial values."""
        parameters = {name: _quantity(value, True) for name, value in self.parameters.items()}
        return parameters | {
            initial_name(name): _quantity(self.initial[name], False) for name in self.equations
        }

    def parsed(self) -> dict[str, Expression]:
        """The equations by variable; raises ExpressionError."""
        names = (*self.equations, *self.parameters, TIME)
        return {variable: parse(text, names) for variable, text in self.equations.items()}

    def system(self) -> System:
        """The equations with their quantities."""
        return System(
            self.parsed(), self.quantities(), self.solver, float(self.step), float(self.start), self.clip
        )

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        refuse("ode", self._misfits())
        return self

    def _misfits(self) -> Iterator[Misfit]:
        names = {name: ("equations", name) for name in self.equations}
        for name in self.parameters:
            if name in names:
                yield ("parameters", name), name, "a variable has the same name"
            names.setdefault(name, ("parameters", name))
        starts = {initial_name(name) for name in self.equations}
        for name, place in names.items():
            if not NAME.fullmatch(name):
                yield place, name, f"{name!r:.40} is no name: expected a letter, then letters, digits and _"
            elif name in (*ARITY, TIME):
                kind = "the time" if name == TIME else "a function"
                yield place, name, f"`{name}` is {kind}; choose another name"
            elif name in starts:
                yield place, name, f"`{name}` is the name of an initial value; choose another name"
        for name in self.equations:
            if name not in self.initial:
                yield ("initial",), [*self.initial], f"the variable {name} has no initial value"
        for name in self.initial:
            if name not in self.equations:
                yield ("initial", name), name, f"there is no equation for {name:.40}"
        yield from self._misfits_of_equations((*names, TIME))

    def _misfits_of_equations(self, names: tuple[str, ...]) -> Iterator[Misfit]:
        used: set[str] = set()
        valid = True
        for variable, text in self.equations.items():
            try:
                used |= parse(text, names).names
            except ExpressionError as error:
                valid = False
                yield ("equations", variable), text, str(error)
        for name in self.parameters if valid else ():
            if name not in used:
                yield ("parameters", name), name, f"no equation contains {name:.40}, so nothing determines it"
        if valid and not any(quantity.learned for quantity in self._given()):
            yield (
                ("parameters",),
                [],
                "nothing is learned: give a parameter, or an initial value as a mapping",
            )

    def _given(self) -> Iterator[Quantity]:
        yield from (_quantity(value, True) for value in self.parameters.values())
        yield from (_quantity(value, False) for value in self.initial.values())


def _quantity(value: float | Quantity, learned: bool) -> Quantity:
    return value if isinstance(value, Quantity) else Quantity(initial=value, learned=learned)
