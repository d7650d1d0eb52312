"""Names of inner tensors, by which others record or change them while a model computes."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

TensorT = TypeVar("TensorT")
Listener = Callable[[str, Any], Any]


Entry = tuple[str | None, Listener]
"""A listener with the name it listens to; None for all names."""


class _Listeners(threading.local):
    """Those of the thread that computes or traces; the innermost one is the last."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []


_LISTENERS = _Listeners()
_IN_ALL_THREADS: list[Entry] = []


def tap(name: str, tensor: TensorT) -> TensorT:
    """Name a tensor. Without a listener, this is the identity, and adds nothing to a graph.

    Returns:
        The tensor to use. The innermost listener sees it first, and the next one what that returned.
    """
    for wanted, listener in (*reversed(_LISTENERS.entries), *reversed(_IN_ALL_THREADS)):
        if wanted in (None, name):
            tensor = listener(name, tensor)
    return tensor


def heard(name: str) -> bool:
    """Whether somebody listens to a name, for tensors that are not computed otherwise."""
    return any(wanted in (None, name) for wanted, _ in (*_LISTENERS.entries, *_IN_ALL_THREADS))


@contextmanager
def recording(all_threads: bool = False) -> Iterator[dict[str, Any]]:
    """The tensors of this block by name: NAME, NAME#2, NAME#3 in the order of the calls.

    Args:
        all_threads: also record what other threads compute, after the listeners of each thread.
    """
    found: dict[str, Any] = {}
    calls: dict[str, int] = {}

    def record(name: str, tensor: TensorT) -> TensorT:
        calls[name] = calls.get(name, 0) + 1
        found[name if calls[name] == 1 else f"{name}#{calls[name]}"] = tensor
        return tensor

    with _listening((None, record), _IN_ALL_THREADS if all_threads else _LISTENERS.entries):
        yield found


@contextmanager
def replacing(name: str, function: Callable[[Any], Any]) -> Iterator[None]:
    """Use what a function makes of every tensor of this name in this block; it is called in their order."""
    with _listening((name, lambda _, tensor: function(tensor)), _LISTENERS.entries):
        yield


@contextmanager
def _listening(entry: Entry, entries: list[Entry]) -> Iterator[None]:
    entries.append(entry)
    try:
        yield
    finally:
        entries.remove(entry)
