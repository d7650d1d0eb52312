"""AdamW without a schedule, by averaging."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, PrivateAttr

from nlpx.components.optimizers.base import Optimizer
from nlpx.components.optimizers.own_trick import OwnTrick
from nlpx.components.tricks.base import Trick, value_of
from nlpx.core.lazy import keras, np, tf
from nlpx.core.options import NonNegativeFloat, PositiveFloat, Rate


class ScheduleFreeAdamW(Optimizer):
    """AdamW that evaluates with the mean x of all iterates z, and computes gradients between the two, at y.

    y = (1 - beta_1) z + beta_1 x;  v = beta_2 v + (1 - beta_2) g(y)^2
    z = z - learning_rate g(y) / (sqrt(v / (1 - beta_2^t)) + epsilon);  x = x + (z - x) / t

    Options:
        beta_1: share of the mean in the weights at which gradients are computed.
        beta_2: decay of the mean square.
        epsilon: added to the denominator.
        weight_decay: fraction of y that is subtracted from y per update, multiplied by the learning rate, so
            that the mean decays more slowly than with adamw; null: none.
        learning_rate: its peak; no decay is needed, only a warm-up.
    Shapes: as the weights.
    Data: any.
    Relations: for runs whose length is not known: at any time, the mean is about as good as after a decay of
        the learning rate. Evaluations and predictions use x, while Keras leaves the weights at y, which it
        also computes differently. Statistics of batch normalizations are those of y. It excludes ema, swa
        and lookahead, because it averages itself. Two more numbers per weight.
    Reference: Defazio et al. 2024, arXiv 2405.15682; keras.optimizers.ScheduleFreeAdamW.
    Example:
        optimizer: {type: schedule_free_adamw, schedule: {type: constant, warmup_steps: 500}}
    """

    keras_class: ClassVar[str] = "ScheduleFreeAdamW"
    excludes: ClassVar = {
        "trick/ema": "it evaluates with an average of its own",
        "trick/swa": "it evaluates with an average of its own",
    }
    whole_model: ClassVar[bool] = True

    type: Literal["schedule_free_adamw"] = "schedule_free_adamw"
    beta_1: Annotated[float, Field(gt=0, lt=1)] = 0.9
    beta_2: Rate = 0.999
    epsilon: PositiveFloat = 1e-8
    weight_decay: NonNegativeFloat | None = None
    learning_rate: PositiveFloat = 0.0025

    def build(self, total: int | None, left_out: keras.Variable | None = None) -> keras.optimizers.Optimizer:
        optimizer: Any = super().build(total, left_out)
        step = optimizer.update_step

        def update_step(gradient: tf.Tensor, variable: tf.Variable, learning_rate: tf.Tensor) -> None:
            iterate = optimizer._momentums[optimizer._get_variable_index(variable)].value
            # Keras 3.15 computes x with the new z in the place of the old one, and thus another y.
            mean = (tf.identity(variable) - (1 - self.beta_1) * tf.identity(iterate)) / self.beta_1
            step(gradient, variable, learning_rate)
            mean += (iterate - mean) / tf.cast(optimizer.iterations + 1, tf.float32)
            variable.assign((1 - self.beta_1) * iterate + self.beta_1 * mean)

        optimizer.update_step = update_step
        return optimizer

    def tricks(self, optimizer: keras.optimizers.Optimizer) -> list[Trick]:
        return [*super().tricks(optimizer), _Mean.of(self, optimizer)]


class _Mean(OwnTrick):
    """Evaluates with x, computed from the weights y and the state z of the optimizer."""

    type: Literal["schedule_free_adamw"] = "schedule_free_adamw"
    _weights: Sequence[Any] = PrivateAttr(())

    def build(self, weights: Sequence[keras.Variable]) -> None:
        self._weights = weights

    def evaluation(self, values: list[np.ndarray]) -> list[np.ndarray]:
        if not int(value_of(self._optimizer.iterations)):
            return values
        pairs = zip(values, self._weights, strict=True)
        return [self._mean(value, weight) if weight.trainable else value for value, weight in pairs]

    def _mean(self, value: np.ndarray, weight: keras.Variable) -> np.ndarray:
        iterate = value_of(self._optimizer._momentums[self._optimizer._get_variable_index(weight)])
        return ((value - (1 - self._options.beta_1) * iterate) / self._options.beta_1).astype(value.dtype)
