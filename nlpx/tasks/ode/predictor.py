"""Predictor of the task ode: states at any time, and the values of parameters with their intervals."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from nlpx.core.suggest import did_you_mean
from nlpx.data.observations import TIME, Observation, number
from nlpx.errors import UsageError
from nlpx.specs.predictor import Prediction, Predictor, Say, UnconditionalPredictor, unheard
from nlpx.tasks.ode.codec import MOST_STEPS, ObservationCodec
from nlpx.tasks.ode.config import Ode
from nlpx.tasks.ode.drawing import plot
from nlpx.tasks.ode.example import StateExample
from nlpx.tasks.ode.intervals import Fit
from nlpx.tasks.ode.system import Numbers, System

if TYPE_CHECKING:
    from nlpx.tasks.ode.learner import OdeLearner


class Solution(Predictor[Observation, StateExample]):
    """The solution of a system.

    Args:
        system: the equations.
        codec: knows their variables and times.
        numbers: returns theta of the learned quantities.
    """

    def __init__(self, system: System, codec: ObservationCodec, numbers: Callable[[], Numbers]) -> None:
        self._system, self._codec, self._numbers = system, codec, numbers

    def predict(self, texts: Sequence[str]) -> list[Prediction]:
        return [self._predicted(text.strip()) for text in texts]

    def _predicted(self, text: str) -> Prediction:
        time = number(text)
        if not text or time is None:
            return Prediction("") if not text else self._failed(text, "expected a time")
        place = self._codec.place(time)
        if place < 0:
            return self._failed(text, f"the solution begins at {self._system.start:g}")
        if place > MOST_STEPS:
            return self._failed(text, f"a solution has at most {MOST_STEPS} steps")
        (state,) = self._system.solve(self._numbers(), np.array([place]))
        return self._shown(time, state)

    def _shown(self, time: float, state: np.ndarray) -> Prediction:
        values = state.tolist()
        fields = {TIME: time, **dict(zip(self._system.equations, values, strict=True))}
        if not np.isfinite(state).all():
            return self._failed(f"{time:.12g}", "the solution is not finite")
        return Prediction("\t".join([f"{time:.12g}", *(f"{value:.6g}" for value in values)]), fields)

    def _failed(self, text: str, reason: str) -> Prediction:
        return Prediction(f"{text:.40}: {reason}", failed=True)

    def examples(self, rows: Sequence[Observation], known: Container[str]) -> list[StateExample]:
        codec = self._codec
        states = self._system.solve(self._numbers(), np.array([codec.place(row.time) for row in rows]))
        return [
            StateExample(
                row.where,
                row.time,
                codec.variables,
                codec.observed(row),
                tuple(state),
                group=(row.group,) if row.group else (),
            )
            for row, state in zip(rows, states.tolist(), strict=True)
        ]


class OdePredictor(Solution, UnconditionalPredictor):
    """A system with trained parameters.

    Args:
        experiment: its equations.
        codec: knows their variables and times.
        learner: the parameters.
    """

    suffixes: ClassVar[tuple[str, ...]] = (".svg",)

    def __init__(self, experiment: Ode, codec: ObservationCodec, learner: OdeLearner) -> None:
        super().__init__(experiment.model.system(), codec, learner.numbers)
        self._learner = learner
        self._rows: Callable[[str], Iterable[Observation]] = lambda split: ()

    def prepare(
        self,
        rows: Callable[[str], Iterable[Observation]],
        folder: Path | None = None,
        weights: str = "",
        say: Say = unheard,
    ) -> None:
        self._rows = rows

    def predict(self, texts: Sequence[str]) -> list[Prediction]:
        names = {text.strip() for text in texts} & set(self._system.quantities)
        values = self._quantities() if names else {}
        return [values.get(text.strip()) or self._predicted(text.strip()) for text in texts]

    def _failed(self, text: str, reason: str) -> Prediction:
        if reason == "expected a time":
            names = [*self._system.quantities]
            near = did_you_mean(text, names)
            reason = f"{reason}, or one of {', '.join(names)}{f'; {near}' if near else ''}"
        return super()._failed(text, reason)

    def compute(self, text: str) -> None:
        time = number(text)
        place = -1.0 if time is None else self._codec.place(time)
        if not 0 <= place <= MOST_STEPS:
            limits = f"{self._system.start:g}, at most {MOST_STEPS} steps of {self._system.step:g} later"
            raise UsageError(f"{text:.40}: expected a time, from {limits}.")
        self._learner.compute(place)

    def generate(self, count: int, seed: int) -> list[Prediction]:
        places = np.arange(_bounded(count), dtype=float)
        states = self._system.solve(self._numbers(), places)
        times = self._system.start + self._system.step * places
        return [self._shown(time, state) for time, state in zip(times.tolist(), states, strict=True)]

    def file(self, suffix: str, count: int, seed: int) -> bytes:
        return plot(self._fit(), self._numbers(), _bounded(count) - 1).svg().encode()

    def files(self) -> Mapping[str, bytes]:
        fit, numbers = self._fit(), self._numbers()
        lines = ["\t".join(["name", "value", "low", "high"])]
        for name, prediction in self._quantities(fit).items():
            cells = (prediction.fields[key] for key in ("value", "low", "high"))
            lines.append("\t".join([name, *(f"{cell:.9g}" for cell in cells)]))
        picture = plot(fit, numbers, self._codec.steps)
        return {"solution.svg": picture.svg().encode(), "parameters.tsv": ("\n".join(lines) + "\n").encode()}

    def _fit(self) -> Fit:
        return Fit(self._system, self._codec, [*self._rows("train")])

    def _quantities(self, fit: Fit | None = None) -> dict[str, Prediction]:
        """The values of the quantities by name, with intervals if they are learned."""
        numbers = self._numbers()
        intervals = (fit or self._fit()).intervals(numbers)
        found = {}
        for name, value in self._system.values(numbers, np.exp).items():
            low, high = intervals.get(name, (value, value))
            text = f"{name} = {value:.6g}" + (f" [{low:.6g}, {high:.6g}]" if name in intervals else "")
            fields = {"name": name, "value": float(value), "low": low, "high": high}
            found[name] = Prediction(text, fields)
        return found


def _bounded(count: int) -> int:
    """A number of times. Raises UsageError if a solution has fewer."""
    if count > MOST_STEPS + 1:
        raise UsageError(
            f"--count: got {count}, expected at most {MOST_STEPS + 1}, the times of {MOST_STEPS} steps."
        )
    return count
