"""Base class of what an optimizer does besides the updates of Keras."""

from __future__ import annotations

from typing import Any, Self

from pydantic import PrivateAttr

from nlpx.components.optimizers.base import Optimizer
from nlpx.components.tricks.base import Trick
from nlpx.core.lazy import keras


class OwnTrick(Trick):
    """A trick that belongs to an optimizer, and reads its options and its state."""

    _options: Any = PrivateAttr(None)
    _optimizer: Any = PrivateAttr(None)

    @classmethod
    def of(cls, options: Optimizer, optimizer: keras.optimizers.Optimizer) -> Self:
        """The trick of an optimizer, given its options and what they built."""
        made = cls.model_validate({"type": cls.type_name()})
        made._options, made._optimizer = options, optimizer
        return made
