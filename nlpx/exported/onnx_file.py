"""What is checked of an ONNX file before onnxruntime reads it; needs no library.

Such a file is a protocol buffer: fields of a number and a type, of which those with a length contain bytes or
further fields. Only what can do harm is followed: graphs inside of nodes, which loops have, functions, and
weights that are in another file.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

MODEL, GRAPH, FUNCTION, NODE, ATTRIBUTE, SPARSE, TENSOR = range(7)
PARTS = {
    MODEL: {7: GRAPH, 25: FUNCTION},
    GRAPH: {1: NODE, 5: TENSOR, 15: SPARSE},
    FUNCTION: {7: NODE, 11: ATTRIBUTE},
    NODE: {5: ATTRIBUTE},
    ATTRIBUTE: {5: TENSOR, 6: GRAPH, 10: TENSOR, 11: GRAPH, 22: SPARSE, 23: SPARSE},
    SPARSE: {1: TENSOR, 2: TENSOR},
    TENSOR: {},
}
"""The fields of a message that are messages themselves, from onnx.proto."""
NAMES = {FUNCTION: {1: "name", 10: "domain"}, NODE: {4: "name", 7: "domain"}}
EXTERNAL = 13
"""The field of a tensor that says in which file its numbers are."""
STANDARD = b"ai.onnx"
"""Another name of the empty domain."""
VARINT, EIGHT, BYTES, FOUR = 0, 1, 2, 5
KEY = (1 << 32) - 1
"""The bits of a key that are read."""
MOST = 1_000_000
"""Nodes of functions, where each is written once for every call."""
Name = tuple[bytes, bytes]


@dataclass
class _Function:
    name: Name = (b"", b"")
    nodes: int = 0
    calls: set[Name] = field(default_factory=set)


def has_loops(content: bytes) -> bool:
    """Whether nodes contain graphs, which may be repeated without end.

    Raises:
        ValueError: it is no protocol buffer, names weights in another file, or has functions that become too
            many nodes: onnxruntime writes them out before anything can stop it.
    """
    loops = False
    functions: list[_Function] = []
    called: list[Name] = []
    open_messages: list[tuple[int, memoryview, _Function | None]] = [(MODEL, memoryview(content), None)]
    while open_messages:
        kind, message, function = open_messages.pop()
        if kind == FUNCTION:
            function = _Function()
            functions.append(function)
        names = {"name": b"", "domain": b""}
        parts, named = PARTS[kind], NAMES.get(kind, {})
        for number, value in _fields(message):
            if number in parts:
                loops |= kind == ATTRIBUTE and parts[number] == GRAPH
                open_messages.append((parts[number], value, function))
            elif number in named:
                names[named[number]] = bytes(value)
            elif kind == TENSOR and number == EXTERNAL:
                raise ValueError("it names weights in another file, which exports do not have")
        name = (b"" if names["domain"] == STANDARD else names["domain"], names["name"])
        if kind == FUNCTION and function is not None:
            function.name = name
        elif kind == NODE and function is not None:
            function.nodes += 1
            function.calls.add(name)
        elif kind == NODE:
            called.append(name)
    sizes = {each.name: each.nodes for each in functions}
    if any(each.calls & sizes.keys() for each in functions):
        raise ValueError("its functions call functions, which those of exports do not")
    if sum(sizes.get(name, 0) for name in called) > MOST:
        raise ValueError(f"its functions become more than {MOST:,} nodes")
    return loops


def _fields(message: memoryview) -> Iterator[tuple[int, memoryview]]:
    """The fields with a length, and their content; raises ValueError if this is no message."""
    place, size = 0, len(message)
    while place < size:
        key, place = _varint(message, place)
        key &= KEY
        kind = key & 7
        if kind == VARINT:
            _, place = _varint(message, place)
        elif kind == BYTES:
            length, place = _varint(message, place)
            yield key >> 3, message[place : place + length]
            place += length
        elif kind in (EIGHT, FOUR):
            place += 8 if kind == EIGHT else 4
        else:
            raise _invalid()
    if place > size:
        raise _invalid()


def _varint(message: memoryview, place: int) -> tuple[int, int]:
    """A number in groups of 7 bits, and the place after it."""
    number = 0
    for shift in range(0, 70, 7):
        if place == len(message):
            break
        byte = message[place]
        place += 1
        number |= (byte & 127) << shift
        if byte < 128:
            return number, place
    raise _invalid()


def _invalid() -> ValueError:
    return ValueError("it is not an ONNX file")
