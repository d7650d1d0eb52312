"""NumPy, TensorFlow and Keras, imported when the first attribute is asked for: that alone takes seconds.

`from nlpx.core.lazy import keras, np, ops, tf` costs nothing, so that one file can hold the options of a
component, which a config is checked against, beside its mathematics, which runs in training alone.
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
        """Stands for a module until something of it is used."""

        def __getattr__(self, name: str) -> object:
            value = getattr(importlib.import_module(self.__name__), name)
            # The next time it is an attribute of this module, and this method is not asked.
            setattr(self, name, value)
            return value

    np, tf, keras, ops = map(_Lazy, ("numpy", "tensorflow", "keras", "keras.ops"))
