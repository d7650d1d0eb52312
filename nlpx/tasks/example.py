"""What the examples of all tasks share: records with their predictions, whose values metrics read."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import ClassVar


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskExample:
    """The base of a task's examples.

    Its fields are those of the predictions file; its properties are values of nlpx.components.values.

    Attributes:
        group: names of the subsets of the split in which it counts, too.
    """

    severity_is: ClassVar[str]
    unwritten: ClassVar[frozenset[str]] = frozenset()
    """Fields that are not written to the predictions file."""

    group: tuple[str, ...] = ()

    def to_json(self) -> dict[str, object]:
        """A line of the predictions file: the fields by name, and those of fields that have fields."""
        line: dict[str, object] = {}
        for field in fields(self):
            value = getattr(self, field.name)
            line |= value._asdict() if hasattr(value, "_asdict") else {field.name: value}
        line["group"] = line.pop("group")  # the last one
        return {name: value for name, value in line.items() if name not in self.unwritten}
