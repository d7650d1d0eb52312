"""Mentions by pointers to their starts and ends, and the entity of each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from nlpx.components.decoders.base import Decoder
from nlpx.core.lazy import np

Probability = Annotated[float, Field(ge=0, lt=1)]


class HalfPointer(Decoder):
    """Every start with the nearest end, and the most probable of the entities with this name.

    A position is a start or an end if its probability exceeds a threshold; mentions may overlap. A mention is
    dropped if no entity with its name reaches the threshold `link`.

    Options:
        start: threshold of starts.
        end: threshold of ends.
        link: threshold of the best entity.
        ranking: model ranks the entities by the model; prior takes the most frequent one of a name in the
            training split, without a threshold, which shows what the ranking contributes.
    Shapes: probabilities of starts (T,) and of ends for every start (T, T) -> spans; of entities (C,) -> one.
    Data: texts with mentions of entities.
    Relations: the thresholds are those of the article, and are not chosen on the validation split.
    Reference: kexue.fm archive 6919.
    Example:
        decode: {type: half_pointer, start: 0.5, end: 0.5}
    """

    needs: ClassVar[frozenset[str]] = frozenset(
        {"start_probability", "end_probability", "entity_probability"}
    )

    type: Literal["half_pointer"] = "half_pointer"
    start: Probability = 0.4
    end: Probability = 0.4
    link: Probability = 0.1
    ranking: Literal["model", "prior"] = "model"

    def spans(self, starts: np.ndarray, ends: np.ndarray) -> list[tuple[int, int]]:
        """The mentions of a text, for probabilities (T,) and (T, T)."""
        return spans(starts, ends, self.start, self.end)

    def best(self, probabilities: Sequence[float]) -> int | None:
        """The position of the most probable entity, None if it is not probable enough."""
        place = int(np.argmax(probabilities)) if len(probabilities) else 0
        return place if len(probabilities) and probabilities[place] >= self.link else None


def spans(starts: np.ndarray, ends: np.ndarray, start: float, end: float) -> list[tuple[int, int]]:
    """Each start of a text with the nearest end, as (first position, the one after the last).

    Args:
        starts: probability of every position as a start, (T,).
        ends: probability of every position (column) as the end of the span that starts at a row, (T, T).
        start: threshold of starts.
        end: threshold of ends.
    """
    found = ((int(i), np.flatnonzero(ends[i, i:] > end)) for i in np.flatnonzero(starts > start))
    return [(i, i + int(later[0]) + 1) for i, later in found if len(later)]
