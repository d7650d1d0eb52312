"""Base class of examples, which are records with predictions."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import ClassVar


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

    group: tuple[str, ...] = ()

    def to_json(self) -> dict[str, object]:
        """A line of the predictions file: the fields by name, with nested fields flattened."""
        line: dict[str, object] = {}
        for field in fields(self):
            value = getattr(self, field.name)
            line |= value._asdict() if hasattr(value, "_asdict") else {field.name: value}
        line["group"] = line.pop("group")  # the last one
        return {name: value for name, value in line.items() if name not in self.unwritten}
