"""What the metrics of scored pairs compare."""

from __future__ import annotations

from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True)
class PairExample:
    """A pair of sentences with its score and what a model says.

    Attributes:
        first, second: the sentences.
        score: how alike they are, as the corpus says.
        answer: how alike they are, as the model says: the cosine, and what is added to it.
        off: by how much of all the rows that were answered with it, -1 to 1, the model ranks it too high.
        group: names of the parts of the split that it is also counted in.
    """

    first: str
    second: str
    score: float
    answer: float
    off: float = 0.0
    group: tuple[str, ...] = ()

    def to_json(self) -> dict[str, object]:
        """A line of the predictions file."""
        return asdict(self)
