"""Learner of the task ode: the equations as a recurrent network without input."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import keras
import tensorflow as tf

from nlpx.layers.ode import ODERNN
from nlpx.layers.solvers import between
from nlpx.models.learner import Learner
from nlpx.tasks.ode.config import Ode
from nlpx.tasks.ode.system import System, initial_name

FUNCTIONS = {
    **{name: getattr(tf, name) for name in ("abs", "cos", "exp", "sin", "sqrt", "tan", "tanh")},
    "log": tf.math.log,
    "max": tf.maximum,
    "min": tf.minimum,
    "number": lambda value: tf.constant(value, tf.float32),
}
"""The functions of expressions for tensors."""


class Quantities(keras.layers.Layer):
    """Learned quantities of a system, each a variable with its name.

    Args:
        system: the equations.
        of_start: whether it has initial values, or parameters.
    """

    def __init__(self, system: System, *, of_start: bool, name: str) -> None:
        super().__init__(dtype="float32", name=name)
        self.system = system
        starts = {initial_name(variable) for variable in system.equations}
        self.numbers = {
            name: self.add_weight((), keras.initializers.Constant(theta), name=name)
            for name, theta in system.initial.items()
            if (name in starts) == of_start
        }
        self.built = True

    def values(self) -> dict[str, tf.Tensor]:
        """The values of all quantities by name."""
        numbers = {name: tf.convert_to_tensor(number) for name, number in self.numbers.items()}
        return self.system.values(numbers, tf.exp)


class Equations(Quantities):
    """f in x' = f(x, t) with its parameters: x (B, D), t (B, 1) since the start -> (B, D)."""

    def __init__(self, system: System) -> None:
        super().__init__(system, of_start=False, name="equations")

    def call(self, x: tf.Tensor, t: tf.Tensor) -> tf.Tensor:
        system = self.system
        time = t[:, 0] + system.start
        parts = system.derivatives(tf.unstack(x, axis=-1), time, self.values(), FUNCTIONS)
        slope = tf.stack([part + tf.zeros_like(time) for part in parts], -1)
        return slope if system.clip is None else tf.clip_by_value(slope, -system.clip, system.clip)


class InitialState(Quantities):
    """The initial values of a system."""

    def __init__(self, system: System) -> None:
        super().__init__(system, of_start=True, name="initial")

    def state(self) -> tf.Tensor:
        """x at the start, (1, D)."""
        values = self.values()
        return tf.stack([[values[initial_name(variable)] for variable in self.system.equations]])


class OdeNetwork(keras.Model):
    """The solution of a system at any places of its grid.

    Args:
        system: with its solver.
        steps: how many of them.
    """

    def __init__(self, system: System, steps: int) -> None:
        super().__init__(name="ode", dtype="float32")
        self.equations, self.initial = Equations(system), InitialState(system)
        self.solution = ODERNN(
            self.equations, steps, system.step, system.method, dtype="float32", name="solution"
        )
        self.step, self.steps = system.step, steps
        self.solution.build((1, len(system.equations)))
        self.built = True

    def call(self, place: tf.Tensor) -> tf.Tensor:
        """Steps (B,), whole or not -> states (B, D) float32."""
        first = self.initial.state()
        grid = tf.concat([first, self.solution(first)[0]], 0)
        before = tf.clip_by_value(tf.cast(tf.floor(place), tf.int32), 0, self.steps - 1)

        def end(at: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
            """The state after some steps, and h f there."""
            state = tf.gather(grid, at)
            return state, self.step * self.equations(state, self.step * tf.cast(at, tf.float32)[:, None])

        (x, slope), (y, last) = end(before), end(before + 1)
        return between(x, y, slope, last, (place - tf.cast(before, tf.float32))[:, None])


class OdeLearner(Learner[OdeNetwork]):
    """Equations with an objective. A batch holds `place` (B,), `observed_state` and `observed` (B, D)."""

    @property
    def parts(self) -> Sequence[keras.layers.Layer]:
        """What stages freeze and train."""
        return self.model.equations, self.model.initial

    def values(self, batch: Mapping[str, tf.Tensor], training: bool) -> Mapping[str, tf.Tensor]:
        return {
            "mask": tf.ones_like(batch["place"], tf.bool),
            "state": self.model(batch["place"]),
            "observed_state": batch["observed_state"],
            "observed": batch["observed"],
        }

    def compute(self, place: float) -> None:
        """Solve the equations once."""
        self.model(tf.constant([place], tf.float32))

    def numbers(self) -> dict[str, float]:
        """theta of the learned quantities."""
        numbers = {**self.model.equations.numbers, **self.model.initial.numbers}
        return {name: float(number.numpy()) for name, number in numbers.items()}


def ode_learner(experiment: Ode) -> OdeLearner:
    """Equations whose quantities have their initial values."""
    model = OdeNetwork(experiment.model.system(), experiment.model.steps)
    return OdeLearner(model, experiment.loss)
