"""Adam and AdamW with one operation for every variable, which reads and writes its memory once."""

from __future__ import annotations

import keras
import tensorflow as tf


class Adam(keras.optimizers.Adam):
    """The step of Keras's Adam, to rounding, by the operation that TensorFlow has for it."""

    def update_step(self, gradient: tf.Tensor, variable: tf.Variable, learning_rate: tf.Tensor) -> None:
        # A trick that spares rows of the state replaces the assignments, which the operation does not call.
        if self.amsgrad or "assign" in vars(self):
            super().update_step(gradient, variable, learning_rate)
            return
        index, dtype = self._get_variable_index(variable), variable.dtype
        made = tf.cast(self.iterations + 1, dtype)
        beta_1, beta_2 = tf.constant(self.beta_1, dtype), tf.constant(self.beta_2, dtype)
        tf.raw_ops.ResourceApplyAdam(
            var=variable.handle,
            m=self._momentums[index].value.handle,
            v=self._velocities[index].value.handle,
            beta1_power=tf.pow(beta_1, made),
            beta2_power=tf.pow(beta_2, made),
            lr=tf.cast(learning_rate, dtype),
            beta1=beta_1,
            beta2=beta_2,
            epsilon=tf.constant(self.epsilon, dtype),
            grad=tf.cast(gradient, dtype),
        )


class AdamW(Adam, keras.optimizers.AdamW):
    """The same step after the weight decay of Keras's AdamW."""
