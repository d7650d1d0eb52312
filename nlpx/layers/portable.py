"""Whether a model is traced for an export, whose format lacks some operations of TensorFlow."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import NamedTuple


class Target(NamedTuple):
    """What a model is traced for.

    Attributes:
        portable: whether for another program than TensorFlow.
        lists: whether this has lists of tensors with free axes, in which loops collect their outputs.
    """

    portable: bool = False
    lists: bool = True


_TENSORFLOW = Target()
_TARGET = ContextVar[Target]("target")


def target() -> Target:
    """What the calling code is traced for."""
    return _TARGET.get(_TENSORFLOW)


@contextmanager
def portable(*, lists: bool = True) -> Iterator[None]:
    """What is traced in this block can be converted, and is slower in TensorFlow."""
    token = _TARGET.set(Target(True, lists))
    try:
        yield
    finally:
        _TARGET.reset(token)
