"""NumPy, TensorFlow and Keras, imported only when an attribute is used, because importing takes seconds.

`from nlpx.core.lazy import keras, np, ops, tf` is free. A single file can therefore contain the options of a
component, which are needed to check a config, and its computation, which is only needed in training.
"""

from __future__ import annotations

import importlib
from types import ModuleType
from typing import TYPE_CHECKING

__all__ = ["keras", "np", "ops", "tf"]

if TYPE_CHECKING:
    import keras
    import numpy as np
    import tensorflow as tf
    from keras import ops
else:

    class _Lazy(ModuleType):
        """Proxy of a module."""

        def __getattr__(self, name: str) -> object:
            value = getattr(importlib.import_module(self.__name__), name)
            # Cached as an attribute, so this method is not called again for it.
            setattr(self, name, value)
            return value

    np, tf, keras, ops = map(_Lazy, ("numpy", "tensorflow", "keras", "keras.ops"))
