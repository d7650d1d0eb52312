"""The compiled update of a phase: from micro-batches to changed variables."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import keras
import tensorflow as tf

from nlpx.components.tricks.base import Course, Trick
from nlpx.components.varying import at
from nlpx.engine.learner import Batch, Learner, Phase, names_of, phases_of
from nlpx.engine.loss_scale import LossScale
from nlpx.engine.objective import Measured, measure, objective_of, total
from nlpx.engine.sums import Sums
from nlpx.layers.compiled import any_size, own_size

if TYPE_CHECKING:
    from nlpx.components.tricks.base import Pair, Tensors

FEW = 300
"""Updates of a run that is over before sizes compiled of their own pay."""

Flags = tuple[tuple[bool, ...], ...]  # whether a variable has a gradient, by different weight and variable


class _SeveralLosses(Exception):
    """The trace of a micro-batch found terms that are divided by different tensors.

    Attributes:
        number: of those tensors, for each of which a tape is asked for gradients.
    """

    def __init__(self, number: int) -> None:
        self.number = number


@dataclass(frozen=True, slots=True)
class UpdateResult:
    """What one update did.

    Attributes:
        losses: loss sum of each micro-batch.
        sums: what the update adds to the sums of a run.
        gradient_norm: joint norm of its gradients before any trick.
        finite: whether losses and gradients are; if not, the variables are spoilt, except with a loss scale.
        failed: whether that ends the run: not finite, and a smaller loss scale cannot help.
    """

    losses: tuple[float, ...]
    sums: Sums
    gradient_norm: float
    finite: bool
    failed: bool


class Update:
    """One optimizer update of a phase, from one or more micro-batches.

        gradient = d/dw sum over terms of coefficient * (sum of sums) / (sum of weights)

    over all micro-batches, 0 for a term whose weights sum to 0: k micro-batches give exactly the gradient of
    their union in one batch. Variables on which no term depends have no gradient: tricks see None, and the
    optimizer leaves them alone.

    Every shape of a batch is compiled once: an update that knows its sizes takes up to an eighth less time.
    In a run of few updates that is less than compiling takes, which is then done once for all sizes.

    Args:
        learner: gives the terms.
        optimizer: not built yet.
        tricks: fresh ones, which belong to this phase alone.
        phase: which terms change which variables; the first one of the learner by default.
        accumulation: most micro-batches of an update.
        xla: compile with XLA.
        loss_scale: for models that compute in float16.
        fixed: weights that nothing changes: tricks do not see them.
        total: updates of the run, for options that follow a schedule.
        course: what tricks know of the training run.

    Attributes:
        total: updates of the run, if it is known.
        trainable: the variables that gradients change.
        weights: those that tricks see after an update.
    """

    def __init__(
        self,
        learner: Learner,
        optimizer: keras.optimizers.Optimizer,
        tricks: Sequence[Trick] = (),
        *,
        phase: Phase | None = None,
        accumulation: int = 1,
        xla: bool = False,
        loss_scale: LossScale | None = None,
        fixed: Sequence[keras.Variable] = (),
        total: int | None = None,
        course: Course | None = None,
    ) -> None:
        self.phase = phase or phases_of(learner)[0]
        self.tricks = tuple(tricks)
        self.loss_scale = loss_scale
        still = set(map(id, fixed))
        self.trainable = [variable for variable in self.phase.variables if variable.trainable]
        self.weights = [weight for weight in floating(self.phase.variables) if id(weight) not in still]
        names = names_of(learner)
        for trick in self.tricks:
            trick.name_variables(names)
            trick.begin(course or Course())
            optimizer = trick.optimizer(optimizer)
            trick.build(self.weights)
        optimizer.build(self.trainable)
        self.optimizer = optimizer
        dense = loss_scale is not None or any(type(t).gradients is not Trick.gradients for t in self.tricks)
        self._by_rows = getattr(optimizer, "takes_rows", False) and not dense
        self._learner = learner
        self._accumulation = accumulation
        self.total = total
        self._any_size = total is not None and total <= FEW and not xla
        # Of gradients, for each different weight. A trace that makes variables is made twice by TensorFlow.
        self._sums = [self._zeros()] if accumulation > 1 else []
        # What the trace of the latest shape found: how terms are divided, which variables have gradients.
        self._groups: dict[str, int] = {}
        self._reached: Flags = ()
        self._compiled: dict[tuple[object, ...], tuple[Callable[[Tensors, tf.Tensor], tf.Tensor], Flags]] = {}
        # Autograph only slows tracing down: neither this code nor Keras layers branch on tensors in Python.
        self._function = partial(tf.function, jit_compile=xla, autograph=False)
        self._forward = self._function(self._traced_whole if accumulation == 1 else self._traced_part)
        self._finish = self._function(self._traced_finish)

    @property
    def traces(self) -> int:
        """How many shapes of batches were compiled."""
        return len(self._compiled)

    @property
    def groups(self) -> list[str]:
        """Lines about the variables that tricks treat differently."""
        return [line for trick in self.tricks for line in trick.describe()]

    def __call__(self, micro_batches: Sequence[Batch], number: int = 0) -> UpdateResult:
        """Make one update; `number` is how many the run has made.

        Raises:
            ValueError: more micro-batches than `accumulation`, or none.
        """
        if not 0 < len(micro_batches) <= self._accumulation:
            raise ValueError(f"{len(micro_batches)} micro-batches, expected 1 to {self._accumulation}")
        step = tf.constant(number)
        parts, reached = zip(*(self._run(batch, step) for batch in micro_batches), strict=True)
        results = parts[0]
        if self._accumulation > 1:
            used = tuple(tuple(map(any, zip(*flags, strict=True))) for flags in zip(*reached, strict=True))
            results = self._finish(tf.add_n(parts), step, used)
        *numbers, norm, rate, finite = results.numpy().tolist()
        return self._result([part.numpy().tolist() for part in parts], numbers, norm, rate, bool(finite))

    def _run(self, batch: Batch, step: tf.Tensor) -> tuple[tf.Tensor, Flags]:
        tensors = {name: tf.convert_to_tensor(values) for name, values in batch.items()}
        specs = (any_size if self._any_size else own_size)(tensors)
        key = tuple(specs.items())
        if key not in self._compiled:
            # The concrete function spares TensorFlow's warning about retracing: few shapes are the plan.
            try:
                concrete = self._forward.get_concrete_function(specs, step)
            except _SeveralLosses as found:
                self._sums = [self._zeros() for _ in range(found.number)]
                self._forward = self._function(self._traced_part)
                concrete = self._forward.get_concrete_function(specs, step)
            self._compiled[key] = concrete, self._reached
        function, reached = self._compiled[key]
        return function(tensors, step), reached

    def _result(
        self, parts: list[list[float]], numbers: list[float], norm: float, rate: float, finite: bool
    ) -> UpdateResult:
        """What the host keeps, from the vector of each micro-batch and that of the update."""
        name, scale, different = self.phase.name, self.loss_scale, max(self._groups.values()) + 1
        losses, weights = tuple(sum(part[:different]) for part in parts), numbers[-different:]
        sums = [sum(column) for column in zip(*parts, strict=True)]
        terms = zip(self._groups.items(), sums[different:], strict=False)
        added = Sums(
            losses={f"{name}/{i}": (sums[i], weight) for i, weight in enumerate(weights)},
            terms={term: (value, weights[group]) for (term, group), value in terms},
            # An update that overflowed in float16 was left out; its loss counts, its gradient has no norm.
            norms={name: (norm if finite else 0.0, 1.0)},
            rates={name: rate},
        )
        failed = not finite and (scale is None or scale.exhausted or not math.isfinite(sum(losses)))
        return UpdateResult(losses, added, norm, finite, failed)

    def _measure(self, batch: Tensors, step: tf.Tensor) -> Measured:
        objective = objective_of(self._learner, self.phase, self.tricks, self.trainable, step)
        measured = measure(objective(batch))
        if self._groups not in ({}, measured.groups):
            raise ValueError(f"the objective had the terms {self._groups}, for this batch {measured.groups}")
        self._groups = measured.groups
        return measured

    def _traced_whole(self, batch: Tensors, step: tf.Tensor) -> tf.Tensor:
        """One update from one batch -> losses, terms, weights, norm, rate, finite, float32."""
        scale = self._scale()
        with at(step, self.total):
            with tf.GradientTape() as tape:
                found = self._measure(batch, step)
                mean = total(found.means(scale))
            gradients = list(map(self._summed, self._gradients(tape, mean)))
            results = self._apply(gradients, scale, found.losses)
        return tf.stack([*found.losses, *found.terms, *found.weights, *results])

    def _zeros(self) -> list[tf.Variable]:
        return [tf.Variable(tf.zeros(v.shape), trainable=False) for v in self.trainable]

    def _traced_part(self, batch: Tensors, step: tf.Tensor) -> tf.Tensor:
        """Add the gradients of one micro-batch to the sums -> losses, terms, weights, float32."""
        scaled = self.loss_scale is not None
        # For a tape that is asked more than once, TensorFlow differentiates the gradients of loops, too: with
        # a recurrent layer, most of the time of a trace.
        persistent = len(self._sums) > 1
        with at(step, self.total), tf.GradientTape(persistent=persistent) as tape:
            found = self._measure(batch, step)
            # float16 sees the mean, as without accumulation: the sum would overflow.
            losses = found.means(self._scale()) if scaled else found.losses
        if len(losses) > len(self._sums):
            raise _SeveralLosses(len(losses))
        reached = []
        for loss, weight, sums in zip(losses, found.weights, self._sums, strict=True):
            gradients = self._gradients(tape, loss)
            reached.append(tuple(gradient is not None for gradient in gradients))
            for summed, gradient in zip(sums, gradients, strict=True):
                if gradient is not None and scaled:
                    gradient = tf.convert_to_tensor(gradient) * weight
                if isinstance(gradient, tf.IndexedSlices):
                    summed.scatter_add(gradient)
                elif gradient is not None:
                    summed.assign_add(gradient)
        self._reached = tuple(reached)
        return tf.stack([*found.losses, *found.terms, *found.weights])

    def _traced_finish(self, parts: tf.Tensor, step: tf.Tensor, used: Flags) -> tf.Tensor:
        """Apply the sums, and clear them: losses, terms, weights -> weights, norm, rate, finite, float32."""
        values = tf.unstack(parts)
        losses, weights = values[: len(used)], values[-len(used) :]
        gradients: list[tf.Tensor | None] = []
        for i in range(len(self.trainable)):
            means = [
                tf.math.divide_no_nan(sums[i].read_value(), weight)
                for sums, weight, flags in zip(self._sums, weights, used, strict=True)
                if flags[i]
            ]
            gradients.append(total(means) if means else None)
        with at(step, self.total):
            results = self._apply(gradients, self._scale(), losses)
        for summed in (summed for sums in self._sums for summed in sums):
            summed.assign(tf.zeros_like(summed))
        return tf.stack([*weights, *results])

    def _gradients(self, tape: tf.GradientTape, loss: tf.Tensor) -> list[tf.Tensor | tf.IndexedSlices | None]:
        return tape.gradient(loss, [variable.value for variable in self.trainable])

    def _summed(self, gradient: tf.Tensor | tf.IndexedSlices | None) -> tf.Tensor | tf.IndexedSlices | None:
        """A gradient with rows of embeddings summed: into a table, which most optimizers need anyway, or into
        the rows that occur, for optimizers that take them."""
        if self._by_rows and isinstance(gradient, tf.IndexedSlices):
            rows, places = tf.unique(gradient.indices)
            values = tf.math.unsorted_segment_sum(gradient.values, places, tf.size(rows))
            return tf.IndexedSlices(values, rows, gradient.dense_shape)
        return None if gradient is None else tf.convert_to_tensor(gradient)

    def _apply(
        self, gradients: list[tf.Tensor | None], scale: tf.Tensor, losses: list[tf.Tensor]
    ) -> list[tf.Tensor]:
        """Change the variables -> gradient norm, learning rate, finite."""
        if self.loss_scale is not None:
            gradients = [None if gradient is None else gradient / scale for gradient in gradients]
        norm = tf.linalg.global_norm(gradients)
        rate = tf.cast(self.optimizer.learning_rate, tf.float32)
        finite = tf.reduce_all([tf.math.is_finite(value) for value in (norm, *losses)])

        def update() -> tf.Tensor:
            pairs: list[Pair] = list(zip(gradients, self.trainable, strict=True))
            for trick in self.tricks:
                pairs = trick.gradients(pairs)
            # Whatever a trick makes of None, a variable without gradient stays as it is.
            used = [pair for pair, own in zip(pairs, gradients, strict=True) if own is not None]
            changes, variables = [gradient for gradient, _ in used], [variable for _, variable in used]
            if self.loss_scale is not None:
                # Keras wants gradients from one graph: in the branch, those that no trick changed are not.
                changes = list(map(tf.identity, changes))
            self.optimizer.apply(changes, variables)
            for trick in self.tricks:
                trick.update(self.weights)
            return tf.constant(True)

        if self.loss_scale is None:
            # Who is told of a loss or gradient that is not finite stops: a condition would cost every update.
            update()
        else:
            tf.cond(finite, update, lambda: tf.constant(False))
            self.loss_scale.update(finite)
        return [norm, rate, tf.cast(finite, tf.float32)]

    def _scale(self) -> tf.Tensor:
        return tf.constant(1.0) if self.loss_scale is None else tf.identity(self.loss_scale.factor.value)


def floating(variables: Sequence[keras.Variable]) -> list[keras.Variable]:
    """The variables that hold numbers, trainable or not; seeds and counters are left out."""
    return [variable for variable in variables if "float" in str(variable.dtype)]
