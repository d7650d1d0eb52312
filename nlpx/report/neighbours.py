"""The nearest sentences of some sentences, as bars."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from nlpx.report.charts import Bar, bars
from nlpx.report.html import Html, drawn
from nlpx.report.language import phrase

ASKED, NEAREST = 4, 5


def neighbours(examples: Sequence[Any], vectors: np.ndarray) -> list[Html]:
    """For sentences from the best to the worst, those with the highest cosine, with whose group they are of.

    Args:
        examples: sentences with a group; others give nothing.
        vectors: (N, D), theirs.
    """
    if not examples or not hasattr(examples[0], "group_id"):
        return []
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    units = vectors / np.where(lengths > 0, lengths, 1)
    cosines = units @ units.T
    np.fill_diagonal(cosines, -np.inf)  # a sentence is no neighbour of itself
    order = sorted(range(len(examples)), key=lambda place: float(examples[place].severity))
    places = {order[round(number * (len(order) - 1) / (ASKED - 1))] for number in range(ASKED)}
    return [_drawn(examples, place, cosines[place]) for place in sorted(places, key=order.index)]


def _drawn(examples: Sequence[Any], place: int, cosines: np.ndarray) -> Html:
    own = examples[place]
    nearest = np.argsort(-cosines, kind="stable")[: min(NEAREST, len(examples) - 1)].tolist()
    shown = [
        Bar(
            examples[other].text,
            float(cosines[other]),
            note=phrase("same group" if examples[other].group_id == own.group_id else "other group"),
        )
        for other in nearest
    ]
    title = phrase("Nearest sentences of {text}", text=own.text)
    return drawn(bars(title, shown), title)
