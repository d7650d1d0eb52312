"""Base class of examples, which are records with predictions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields
from functools import cache
from types import UnionType
from typing import Any, ClassVar, Self, get_args, get_origin, get_type_hints

from pydantic import BaseModel, create_model


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskExample:
    """Base class of the examples of a task.

    Its fields are written to the predictions file; its properties are values of nlpx.components.values.

    Attributes:
        group: names of the subsets of the split to which it belongs.
    """

    severity_is: ClassVar[str]
    unwritten: ClassVar[frozenset[str]] = frozenset()
    """Fields that are not written to the predictions file."""
    relative: ClassVar[frozenset[str]] = frozenset()
    """Fields that depend on the predictions of other records, such as a place among them."""

    group: tuple[str, ...] = ()

    def to_json(self) -> dict[str, object]:
        """A line of the predictions file: the fields by name, with nested fields flattened."""
        line: dict[str, object] = {}
        for field in fields(self):
            if field.name in self.unwritten:
                continue
            value = getattr(self, field.name)
            line |= value._asdict() if hasattr(value, "_asdict") else {field.name: value}
        line["group"] = line.pop("group")  # the last one
        return {name: value for name, value in line.items() if name not in self.unwritten}

    @classmethod
    def of_json(cls, line: Mapping[str, object]) -> Self:
        """The example that `to_json` wrote, without the fields that are not written.

        Raises:
            ValueError: it is not a line of the predictions file of this task.
        """
        checked, nested = _reader(cls)  # type: ignore[arg-type]
        read = checked.model_validate(line)
        values = dict(read)
        example = object.__new__(cls)
        for name, kind in nested.items():
            # A part that is not written is None.
            parts = [values.pop(part, None) for part in kind._fields]
            if read.model_fields_set.intersection(kind._fields):
                values[name] = kind(*parts)
        for name, value in values.items():
            object.__setattr__(example, name, value)
        return example


@cache
def _reader(example: type[TaskExample]) -> tuple[type[BaseModel], dict[str, Any]]:
    """What checks the lines of a class, and the fields whose parts are written one by one, by name."""
    nested: dict[str, Any] = {}
    wanted: dict[str, Any] = {}
    for field in fields(example):
        if field.name in example.unwritten:
            continue
        kind = get_type_hints(example)[field.name]
        options = get_args(kind) if get_origin(kind) is UnionType else (kind,)
        parts = next((option for option in options if hasattr(option, "_fields")), None)
        if parts is None:
            wanted[field.name] = kind, ... if field.default is MISSING else field.default
            continue
        nested[field.name] = parts
        default = None if len(options) > 1 else ...
        written = {
            name: hint for name, hint in get_type_hints(parts).items() if name not in example.unwritten
        }
        wanted |= {name: (hint, default) for name, hint in written.items()}
        if len(options) > 1:
            wanted[field.name] = None, None
    return create_model(example.__name__, **wanted), nested
