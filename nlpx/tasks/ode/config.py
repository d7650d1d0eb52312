"""The config of the task ode."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, Self

from pydantic import Field, ValidationError, model_validator
from pydantic_core import InitErrorDetails, PydanticCustomError

from nlpx.components.losses.base import Loss
from nlpx.components.losses.squared_error import SquaredError
from nlpx.components.metrics.base import Metric
from nlpx.components.metrics.sum_of_squares import SumOfSquares
from nlpx.core.component import Section
from nlpx.core.options import PositiveFloat, PositiveInt
from nlpx.core.suggest import one_of
from nlpx.data.observations import TIME, Observation, number
from nlpx.layers.solvers import Method
from nlpx.specs.experiment import Experiment
from nlpx.specs.sections import CheckpointSection, Monitor, TrainSection
from nlpx.tasks.ode.expression import ARITY, NAME, Expression, ExpressionError, parse
from nlpx.tasks.ode.quantity import Finite, Quantity
from nlpx.tasks.ode.system import System, initial_name

if TYPE_CHECKING:
    from nlpx.data.codec import Vocabularies
    from nlpx.data.items import EncodedItems
    from nlpx.engine.learner import Batches
    from nlpx.specs.predictor import Predictor
    from nlpx.tasks.ode.codec import ObservationCodec
    from nlpx.tasks.ode.predictor import OdePredictor

Finding = tuple[tuple[str, ...], object, str]
"""Where, what is received, what is wrong."""


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
        errors = [
            InitErrorDetails(type=PydanticCustomError("ode", "{what}", {"what": what}), loc=loc, input=value)
            for loc, value, what in self._misfits()
        ]
        if errors:
            raise ValidationError.from_exception_data("ode", errors)
        return self

    def _misfits(self) -> Iterator[Finding]:
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

    def _misfits_of_equations(self, names: tuple[str, ...]) -> Iterator[Finding]:
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


EPIDEMIC = OdeModel(
    equations={
        "susceptible": "-contact * susceptible * infected / 1000",
        "infected": "contact * susceptible * infected / 1000 - recovery * infected",
    },
    parameters={"contact": Quantity(initial=0.3, low=0.0), "recovery": Quantity(initial=0.1, low=0.0)},
    initial={"susceptible": 1000.0, "infected": Quantity(initial=1.0, low=0.0)},
    step=0.5,
    steps=120,
)
"""The equations of the built-in sample."""


class OdeTrain(TrainSection):
    """Length of training. All observations are one batch, so that an epoch is a step.

    Options:
        buckets: not used, because the solver makes the same steps for all observations.
        precision: 16-bit numbers are too coarse for solving equations.
        xla: compile the training step with XLA, which makes the steps of the solver many times faster.
    """

    epochs: PositiveInt | None = 5000
    batch_size: PositiveInt = 1000
    buckets: None = None
    evaluate_every: Literal["epoch"] | PositiveInt = 500
    log_every: PositiveInt = 100
    precision: Literal["float32"] = "float32"
    xla: bool = True


class OdeCheckpoint(CheckpointSection):
    """The best checkpoint has the least sum of squared errors on the validation split."""

    monitor: Monitor = "valid/sse"


class Ode(Experiment):
    """Infer the parameters of a system of ordinary differential equations from observations.

    x' = f(x, t), x(start) = initial;  minimize the mean of (x(t) - observed)^2

    Options:
        seed: seed of the data order.
        data: observations.
        model: equations, parameters, initial values and solver; default: those of the built-in sample.
        train: length of training.
        samples: times, and names of parameters, whose values are shown after training and at evaluations.
    Shapes: times (B,), observations (B, D) -> states (B, D), for D variables.
    Data: observations at any times from `start` on, of all variables or some of them.
    Relations: the gradient passes all steps of the solver. It is large or vanishes where a solution
        oscillates many times or grows without bounds: begin with plausible values, and fit the first part of
        the data first. Solvers have errors too: with too long a step, parameters make up for them.
    Reference: kexue.fm archive 5643; the equations in 3120.
    Example:
        task: ode
        data: {source: {type: builtin, name: epidemic}}
        model:
          equations: {infected: growth * infected}
          parameters: {growth: {initial: 0.1, low: 0}}
          initial: {infected: 3}
    """

    row: ClassVar[str] = Observation.kind
    sample: ClassVar[str] = "epidemic"
    introduces: ClassVar[Mapping[str, str]] = {
        "state": "solution of the equations at the time of each row, (B, D)",
        "observed_state": "what was observed at these times, (B, D)",
        "observed": "which of the variables were observed, (B, D) bool",
        "reference_values": "the observed values of the variables; None where there is none",
        "predicted_values": "the solution at the same time, by variable",
    }
    gives: ClassVar[frozenset[str]] = frozenset(introduces)
    generates: ClassVar[bool] = True

    type: Literal["ode"] = Field("ode", alias="task")
    model: OdeModel = EPIDEMIC
    loss: Loss = SquaredError()
    train: OdeTrain = OdeTrain()
    checkpoint: OdeCheckpoint = OdeCheckpoint()
    metrics: list[Metric] = [SumOfSquares()]

    @model_validator(mode="after")
    def _samples_can_be_predicted(self) -> Self:
        names = [*self.model.quantities()]
        for index, text in enumerate(self.samples):
            time = number(text.strip())
            if text.strip() not in names and (time is None or time < self.model.start):
                what = f"expected a time from {self.model.start:g} on, or {one_of(names)}"
                error = PydanticCustomError("ode", "{what}", {"what": what})
                details = InitErrorDetails(type=error, loc=("samples", index), input=text)
                raise ValidationError.from_exception_data("ode", [details])
        return self

    def codec(self) -> ObservationCodec:
        from nlpx.tasks.ode.codec import ObservationCodec

        model = self.model
        return ObservationCodec(tuple(model.equations), float(model.start), float(model.step), model.steps)

    def learner(self, codec: Any, vocabularies: Vocabularies) -> Any:
        from nlpx.tasks.ode.learner import ode_learner

        return ode_learner(self)

    def predictor(self, codec: Any, learner: Any, vocabularies: Vocabularies) -> OdePredictor:
        from nlpx.tasks.ode.predictor import OdePredictor

        return OdePredictor(self, codec, learner)

    def references(self, codec: Any, vocabularies: Vocabularies) -> Mapping[str, Predictor[Any, Any]]:
        from nlpx.tasks.ode.references import references

        return references(self.model.system(), codec)

    def batches(self, items: EncodedItems, learner: Any, cache: Path) -> Batches:
        from nlpx.data.shuffled_batches import ShuffledBatches

        size = min(self.train.batch_size, len(items))
        return ShuffledBatches(items, size, self.seed, self.train.accumulation)
