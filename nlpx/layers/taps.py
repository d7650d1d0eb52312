"""Names of inner tensors, by which others record or change them while a model computes."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

TensorT = TypeVar("TensorT")
Listener = Callable[[str, Any], Any]


class _Listeners(threading.local):
    """Those of the thread that computes or traces, with their names; the innermost one is the last."""

    def __init__(self) -> None:
        self.all: list[tuple[str | None, Listener]] = []


_LISTENERS = _Listeners()


def tap(name: str, tensor: TensorT) -> TensorT:
    """Name a tensor. Without a listener, this is the identity, and adds nothing to a graph.

    Returns:
        The tensor to use. The innermost listener sees it first, and the next one what that returned.
    """
    for wanted, listener in reversed(_LISTENERS.all):
        if wanted in (None, name):
            tensor = listener(name, tensor)
    return tensor


def heard(name: str) -> bool:
    """Whether somebody listens to a name, for tensors that are not computed otherwise."""
    return any(wanted in (None, name) for wanted, _ in _LISTENERS.all)


@contextmanager
def recording() -> Iterator[dict[str, Any]]:
    """The tensors of this block by name: NAME, NAME#2, NAME#3 in the order of the calls."""
    found: dict[str, Any] = {}
    calls: dict[str, int] = {}

    def record(name: str, tensor: TensorT) -> TensorT:
        calls[name] = calls.get(name, 0) + 1
        found[name if calls[name] == 1 else f"{name}#{calls[name]}"] = tensor
        return tensor

    with _listening(None, record):
        yield found


@contextmanager
def replacing(name: str, function: Callable[[Any], Any]) -> Iterator[None]:
    """Use what a function makes of every tensor of this name in this block; it is called in their order."""
    with _listening(name, lambda _, tensor: function(tensor)):
        yield


@contextmanager
def _listening(name: str | None, listener: Listener) -> Iterator[None]:
    entry = (name, listener)
    _LISTENERS.all.append(entry)
    try:
        yield
    finally:
        _LISTENERS.all.remove(entry)
