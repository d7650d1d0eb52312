"""The compiled step: from micro-batches to changed weights."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import keras
import tensorflow as tf

from nlpx.components.tricks.base import Trick
from nlpx.engine.loss_scale import LossScale
from nlpx.engine.problem import Batch, Problem

Tensors = Mapping[str, tf.Tensor]


@dataclass(frozen=True, slots=True)
class StepResult:
    """What one update did.

    Attributes:
        losses: loss sum of each micro-batch.
        weight: what their total is divided by.
        gradient_norm: joint norm of the update's gradients before any trick.
        learning_rate: the rate of this update.
        finite: whether losses and gradients are. If not, the weights are spoilt; with a loss scale they are
            those before the update.
    """

    losses: tuple[float, ...]
    weight: float
    gradient_norm: float
    learning_rate: float
    finite: bool

    @property
    def loss(self) -> float:
        """Total loss sum."""
        return sum(self.losses)


class TrainStep:
    """One optimizer update from one or more micro-batches.

        gradient = d/dw (sum of all loss sums) / (sum of all weights), 0 where the weights sum to 0

    so that k micro-batches give exactly the gradient of their union in one batch. Weights on which no loss of
    the update depends have no gradient: tricks see none, and the optimizer leaves them alone. Tricks act in
    the order given. Every shape of a batch is compiled once.

    Args:
        problem: model and loss.
        optimizer: changes the trainable weights.
        tricks: act on the gradients of the whole update, and after it.
        accumulation: most micro-batches of an update.
        xla: compile with XLA.
        loss_scale: for models that compute in float16.
        fixed: weights that nothing changes: tricks do not see them.

    Attributes:
        weights: the weights of the model that hold numbers.
        changing: those of them that are not fixed.
    """

    def __init__(
        self,
        problem: Problem,
        optimizer: keras.optimizers.Optimizer,
        tricks: Sequence[Trick] = (),
        *,
        accumulation: int = 1,
        xla: bool = False,
        loss_scale: LossScale | None = None,
        fixed: Sequence[keras.Variable] = (),
    ) -> None:
        self.optimizer = optimizer
        self.tricks = tuple(tricks)
        self.loss_scale = loss_scale
        self.trainable = list(problem.model.trainable_variables)
        self.weights = floating_weights(problem.model)
        still = set(map(id, fixed))
        self.changing = [weight for weight in self.weights if id(weight) not in still]
        self._problem = problem
        self._compiled: dict[tuple[object, ...], Callable[[Tensors], tf.Tensor]] = {}
        # Whether each trainable weight has a gradient: in the batch traced last, and by compiled shape.
        self._reached: tuple[bool, ...] = ()
        self._reaches: dict[tuple[object, ...], tuple[bool, ...]] = {}
        optimizer.build(self.trainable)
        for trick in self.tricks:
            trick.build(self.changing)
        self._sums: list[tf.Variable] = []
        if accumulation > 1:
            self._sums = [tf.Variable(tf.zeros(v.shape), trainable=False) for v in self.trainable]
        # Autograph only slows tracing down: neither this code nor Keras layers branch on tensors in Python.
        self._whole = tf.function(self._traced_whole, jit_compile=xla, autograph=False)
        self._part = tf.function(self._traced_part, jit_compile=xla, autograph=False)
        self._finish = tf.function(self._traced_finish, jit_compile=xla, autograph=False)

    @property
    def traces(self) -> int:
        """How many shapes of batches were compiled."""
        return len(self._compiled)

    def __call__(self, micro_batches: Sequence[Batch]) -> StepResult:
        """Make one update.

        Raises:
            ValueError: more micro-batches than `accumulation` announced, or none.
        """
        if not self._sums:
            if len(micro_batches) != 1:
                raise ValueError(
                    f"{len(micro_batches)} micro-batches, but the step was made for accumulation=1"
                )
            loss, *rest = self._run(self._whole, micro_batches[0])[0].numpy().tolist()
            return _result([loss], *rest)
        if not micro_batches:
            raise ValueError("an update needs at least one micro-batch")
        parts, reached = zip(*(self._run(self._part, batch) for batch in micro_batches), strict=True)
        used = tuple(any(flags) for flags in zip(*reached, strict=True))
        rest = self._finish(tf.add_n(parts), used).numpy().tolist()
        return _result([float(part[0]) for part in parts], *rest)

    def _run(
        self, function: tf.types.experimental.PolymorphicFunction, batch: Batch
    ) -> tuple[tf.Tensor, tuple[bool, ...]]:
        """Call what `function` is compiled to for the shapes of the batch; also which weights it reaches.

        Asking for the concrete function spares TensorFlow's warning about retracing: few shapes are the plan.
        """
        tensors = {name: tf.convert_to_tensor(values) for name, values in batch.items()}
        key = tuple((name, *tensor.shape, tensor.dtype) for name, tensor in tensors.items())
        if key not in self._compiled:
            self._compiled[key] = function.get_concrete_function(tensors)
            self._reaches[key] = self._reached
        return self._compiled[key](tensors), self._reaches[key]

    def _traced_whole(self, batch: Tensors) -> tf.Tensor:
        """One update from one batch -> [loss sum, weight, gradient norm, learning rate, finite] float32."""
        scale = self._scale()
        with tf.GradientTape() as tape:
            loss, weight = self._problem.loss(batch, training=True)
            mean = loss * tf.stop_gradient(tf.math.divide_no_nan(scale, weight))
        gradients = _dense(tape.gradient(mean, self._values()))
        return tf.stack([loss, weight, *self._apply(gradients, scale, loss)])

    def _traced_part(self, batch: Tensors) -> tf.Tensor:
        """Add the gradients of one micro-batch to the sums -> [loss sum, weight] float32."""
        with tf.GradientTape() as tape:
            loss, weight = self._problem.loss(batch, training=True)
            scaled = loss
            if self.loss_scale is not None:
                # float16 sees the mean, as without accumulation: the sum would overflow.
                scaled *= tf.stop_gradient(tf.math.divide_no_nan(self._scale(), weight))
        gradients = tape.gradient(scaled, self._values())
        self._reached = tuple(gradient is not None for gradient in gradients)
        for total, gradient in zip(self._sums, gradients, strict=True):
            if gradient is not None and self.loss_scale is not None:
                gradient = tf.convert_to_tensor(gradient) * weight
            if isinstance(gradient, tf.IndexedSlices):
                total.scatter_add(gradient)
            elif gradient is not None:
                total.assign_add(gradient)
        return tf.stack([loss, weight])

    def _traced_finish(self, parts: tf.Tensor, used: tuple[bool, ...]) -> tf.Tensor:
        """Apply the sums, and clear them: [loss sum, weight] -> [weight, norm, rate, finite] float32."""
        loss, weight = tf.unstack(parts)
        gradients = [
            tf.math.divide_no_nan(total.read_value(), weight) if has_gradient else None
            for total, has_gradient in zip(self._sums, used, strict=True)
        ]
        results = self._apply(gradients, self._scale(), loss)
        for total in self._sums:
            total.assign(tf.zeros_like(total))
        return tf.stack([weight, *results])

    def _apply(self, gradients: list[tf.Tensor | None], scale: tf.Tensor, loss: tf.Tensor) -> list[tf.Tensor]:
        """Change the weights -> gradient norm, learning rate, finite."""
        used = [(g, v) for g, v in zip(gradients, self.trainable, strict=True) if g is not None]
        gradients = [g for g, _ in used]
        if self.loss_scale is not None:
            gradients = [g / scale for g in gradients]
        norm = tf.linalg.global_norm(gradients)
        rate = tf.cast(self.optimizer.learning_rate, tf.float32)
        finite = tf.math.is_finite(norm) & tf.math.is_finite(loss)

        def update() -> tf.Tensor:
            transformed = gradients
            for trick in self.tricks:
                transformed = trick.gradients(transformed)
            self.optimizer.apply(transformed, [v for _, v in used])
            for trick in self.tricks:
                trick.update(self.changing)
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

    def _values(self) -> list[tf.Variable]:
        return [variable.value for variable in self.trainable]


def floating_weights(model: keras.layers.Layer) -> list[keras.Variable]:
    """The weights of a model that hold numbers, trainable or not; seeds and counters are left out."""
    return [weight for weight in model.weights if "float" in str(weight.dtype)]


def _dense(gradients: Sequence[tf.Tensor | tf.IndexedSlices | None]) -> list[tf.Tensor | None]:
    """Rows of embeddings summed into their tables: the norm and the moments of Adam need them anyway."""
    return [None if gradient is None else tf.convert_to_tensor(gradient) for gradient in gradients]


def _result(losses: list[float], weight: float, norm: float, rate: float, finite: float) -> StepResult:
    return StepResult(tuple(losses), weight, norm, rate, bool(finite))
