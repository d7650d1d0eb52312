"""Example of the task linking."""

from __future__ import annotations

from dataclasses import dataclass
from operator import attrgetter
from typing import ClassVar

from nlpx.components.sources.linked_texts import Mention
from nlpx.tasks.example import TaskExample


@dataclass(frozen=True, slots=True)
class LinkingExample(TaskExample):
    """A text with its reference and predicted mentions.

    Attributes:
        text: the text.
        reference: the mentions of entities of the knowledge base.
        prediction: the predicted mentions.
        chosen: for every reference mention, the entity that is chosen for it; empty if there is none.
    """

    text: str
    reference: tuple[Mention, ...]
    prediction: tuple[Mention, ...]
    chosen: tuple[str, ...]

    reference_links = property(attrgetter("reference"))
    predicted_links = property(attrgetter("prediction"))
    chosen_entities = property(attrgetter("chosen"))

    severity_is: ClassVar[str] = "missing and wrong mentions"

    @property
    def severity(self) -> float:
        return float(len(set(self.reference) ^ set(self.prediction)))

    def describe(self) -> str:
        found, expected = (
            "、".join(f"{mention.text}={mention.kb_id}" for mention in mentions) or "-"
            for mentions in (self.prediction, self.reference)
        )
        return f"{self.text} → {found}  (reference {expected})"
