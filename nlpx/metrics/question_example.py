"""What the metrics of sentence similarity compare."""

from __future__ import annotations

from dataclasses import dataclass

from nlpx.text.points import Points


@dataclass(frozen=True, slots=True, eq=False)
class QuestionExample:
    """A sentence with its place among others.

    Attributes:
        text: the sentence.
        group_id: its group of synonyms.
        point: its vector, one point.
        nearest: the most similar other sentence among the rows that were answered with it; empty if it is
            alone.
        score: how similar that is.
        right: whether that is of its group.
        lead: by how much the best sentence of its group is more similar than the best of all others; 0 where
            one of them is missing.
        group: names of the parts of the split that it is also counted in.
    """

    text: str
    group_id: str
    point: Points
    nearest: str = ""
    score: float = 0.0
    right: bool = False
    lead: float = 0.0
    group: tuple[str, ...] = ()

    def to_json(self) -> dict[str, object]:
        """A line of the predictions file: everything but the vector."""
        names = ("text", "group_id", "nearest", "score", "right", "lead", "group")
        return {name: getattr(self, name) for name in names}
