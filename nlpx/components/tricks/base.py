"""Base class of training tricks."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, TypeAlias

from pydantic import PrivateAttr

from nlpx.components.losses.base import Term
from nlpx.core.component import Component
from nlpx.core.lazy import keras, np, tf
from nlpx.core.suggest import listed
from nlpx.core.variable_names import VariableNames

Tensors: TypeAlias = "Mapping[str, tf.Tensor]"
Objective: TypeAlias = "Callable[[Tensors], Mapping[str, Term]]"
"""The terms of the objective over a batch."""
Arrays: TypeAlias = "Mapping[str, np.ndarray]"
"""A batch before it is given to the model."""
Pair: TypeAlias = "tuple[tf.Tensor | None, keras.Variable]"
"""The gradient of a trainable variable, dense; None where no term depends on the variable."""


@dataclass(frozen=True)
class Course:
    """What is known of a training run, or of one of its stages, before it starts.

    Attributes:
        updates_per_epoch: how many updates a phase makes in an epoch.
        parts: the variables of each part of the model, from the input to the output.
        seed: of all random numbers of the run.
    """

    updates_per_epoch: int = 1
    parts: Sequence[Sequence[keras.Variable]] = ()
    seed: int = 0


class Trick(Component):
    """Base class of tricks. Each method is a point at which a trick can act; the default does nothing.

    Tricks are composed in order: the result of one is the argument of the next one. Each phase of
    a learner has its own copies. State is stored in private attributes that are created by `build`, so
    a copy of the options is a new trick. Its `variables` are saved in checkpoints and restored. In methods
    that are traced, `now` of nlpx.components.varying gives the value of an option that may follow a schedule.
    """

    kind: ClassVar[str] = "trick"
    excludes: ClassVar[Mapping[str, str]] = {}
    """What it cannot be combined with, `trick/NAME` or `optimizer/NAME`, and the reason."""
    precedes: ClassVar[Mapping[str, str]] = {}
    """The tricks, `trick/NAME`, that it must be listed before, and the reason."""
    whole_batch: ClassVar[bool] = False
    """Whether the objective needs all rows of an update at once, which excludes accumulation."""

    _names: VariableNames | None = PrivateAttr(None)
    _course: Course = PrivateAttr(default_factory=Course)

    @property
    def reads(self) -> frozenset[str]:
        """The values that it reads with these options: `needs`, and values required by an option."""
        return self.needs

    @property
    def names(self) -> VariableNames:
        """The names of all variables, from which `names.select` chooses by patterns."""
        if self._names is None:
            raise RuntimeError(f"{self.type}: call name_variables first")
        return self._names

    def name_variables(self, names: VariableNames) -> None:
        """Called before the other methods, with the names of all variables of the learner."""
        self._names = names

    @property
    def course(self) -> Course:
        """What is known of the training run."""
        return self._course

    def begin(self, course: Course) -> None:
        """Called before `optimizer` and `build`."""
        self._course = course

    def conflict(self, optimizer: Component) -> str:
        """Why it cannot be used with the options of an optimizer; an empty string if it can."""
        return self.excludes.get(f"optimizer/{optimizer.type}", "")

    def chosen(
        self, patterns: Sequence[str] | None, among: Sequence[keras.Variable], option: str
    ) -> list[keras.Variable]:
        """Those of some variables whose names match one of the patterns of an option; None stands for all.

        Raises:
            ConfigError: a pattern matches no variable of the learner.
        """
        if patterns is None:
            return list(among)
        numbers = [variable for variable in self.names.variables if "float" in str(variable.dtype)]
        matching = set(map(id, self.names.select(patterns, numbers, f"{self.type}.{option}")))
        return [variable for variable in among if id(variable) in matching]

    def describe(self) -> list[str]:
        """Lines about the variables that it treats differently, printed before training. After `build`."""
        return []

    def group(self, label: str, variables: Sequence[keras.Variable]) -> str:
        """A line about a group of variables, for `describe`."""
        count = f"{len(variables)} variable{'' if len(variables) == 1 else 's'}"
        names = f": {listed((self.names[variable] for variable in variables), 12)}" if variables else ""
        return f"{self.type}: {label}: {count}{names}"

    def still(self, weights: Sequence[keras.Variable]) -> list[keras.Variable]:
        """Those of some weights that it never lets change. After `name_variables`, perhaps before `build`."""
        return []

    def build(self, weights: Sequence[keras.Variable]) -> None:
        """Create the state, once the floating-point weights that training may change are known."""

    @property
    def variables(self) -> list[keras.Variable]:
        """The state to save in checkpoints."""
        return []

    def optimizer(self, optimizer: keras.optimizers.Optimizer) -> keras.optimizers.Optimizer:
        """The optimizer before it is built, or a wrapper of it."""
        return optimizer

    def objective(self, objective: Objective, variables: Sequence[keras.Variable]) -> Objective:
        """The objective, or a wrapper that may evaluate it more than once. Traced.

        Gradients are computed from the returned terms. Variables may be changed temporarily, but must have
        their original values afterwards. With accumulation, the batch is a micro-batch.
        """
        return objective

    def data(self, batch: Arrays, rows: np.ndarray, epoch: int, seed: int) -> Arrays:
        """A micro-batch, or a changed copy; a pure function, so that a resumed run gets the same.

        Args:
            batch: fields by name, (B, ...).
            rows: which training items the rows are, (B,); that of an empty row has no meaning.
            epoch: number of the epoch, from 0.
            seed: that of the experiment.
        """
        return batch

    def gradients(self, pairs: Sequence[Pair]) -> list[Pair]:
        """The gradients of a whole update, transformed. Traced.

        Args:
            pairs: one pair for each trainable variable, in the same order whatever the
                accumulation. Gradients that are None stay None.
        """
        return list(pairs)

    def update(self, weights: Sequence[keras.Variable]) -> None:
        """Called after each update that is not skipped, with the weights given to `build`. Traced."""

    def evaluated(self, cost: float) -> None:
        """Called after each evaluation with the monitored metric, negative where higher is better."""

    def evaluation(self, values: list[np.ndarray]) -> list[np.ndarray]:
        """The weights for evaluation and prediction: one array for each weight given to `build`."""
        return values


def value_of(variable: keras.Variable) -> np.ndarray:
    """A copy of the value of a variable."""
    return np.asarray(variable.value.numpy())
