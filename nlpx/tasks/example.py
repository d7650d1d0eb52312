"""What the examples of all tasks share: records with their predictions, whose values metrics read."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class TaskExample:
    """The base of a task's examples.

    Its fields are those that people find in the predictions file; its properties are values of
    nlpx.components.values, by their names.
    """

    severity_is: ClassVar[str]
    unwritten: ClassVar[frozenset[str]] = frozenset()
    """Fields that are not written to the predictions file."""

    def to_json(self) -> dict[str, object]:
        """The fields by name: a line of the predictions file."""
        names = (field.name for field in fields(self) if field.name not in self.unwritten)
        return {name: getattr(self, name) for name in names}
