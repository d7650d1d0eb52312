"""The base class of models that create their weights in their first call."""

from __future__ import annotations

import keras


class BuiltByCall(keras.Model):
    """A model that is called once, on an empty batch, when it is made.

    Without `build`, Keras would trace `call` on symbolic tensors first, which takes longer than the call.
    """

    def build(self, input_shape: object = None) -> None:
        """Parts are built on the first call."""
        self.built = True
