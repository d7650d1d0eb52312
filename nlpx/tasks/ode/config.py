"""The config of the task ode."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Self

from pydantic import Field, model_validator

from nlpx.components.losses.base import Loss
from nlpx.components.losses.squared_error import SquaredError
from nlpx.components.metrics.base import Metric
from nlpx.components.metrics.sum_of_squares import SumOfSquares
from nlpx.core.misfits import refuse
from nlpx.core.options import PositiveInt
from nlpx.core.suggest import one_of
from nlpx.data.observations import Observation, number
from nlpx.specs.experiment import Experiment
from nlpx.specs.sections import CheckpointSection, Monitor, TrainSection
from nlpx.tasks.ode.model_section import OdeModel
from nlpx.tasks.ode.quantity import Quantity

if TYPE_CHECKING:
    from nlpx.data.codec import Vocabularies
    from nlpx.data.items import EncodedItems
    from nlpx.engine.learner import Batches
    from nlpx.specs.predictor import Predictor
    from nlpx.tasks.ode.codec import ObservationCodec
    from nlpx.tasks.ode.predictor import OdePredictor

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
    unexportable: ClassVar[str] = (
        "there is no network; their parameters are in the run, in samples/step-*-parameters.tsv"
    )

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
                refuse(self.type, [(("samples", index), text, what)])
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

    def example_type(self) -> Any:
        from nlpx.tasks.ode.example import StateExample

        return StateExample

    def references(self, codec: Any, vocabularies: Vocabularies) -> Mapping[str, Predictor[Any, Any]]:
        from nlpx.tasks.ode.references import references

        return references(self.model.system(), codec)

    def batches(self, items: EncodedItems, learner: Any, cache: Path) -> Batches:
        from nlpx.data.shuffled_batches import ShuffledBatches

        size = min(self.train.batch_size, len(items))
        return ShuffledBatches(items, size, self.seed, self.train.accumulation)
