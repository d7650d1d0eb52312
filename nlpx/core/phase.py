"""A phase of a learner."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import keras


@dataclass(frozen=True)
class Phase:
    """A part of every update of a run: some terms of the objective change some variables.

    Attributes:
        name: a word, the key of its optimizer in a config that has one for each phase.
        variables: what it changes: the trainable ones by gradients; tricks average all that hold numbers.
        terms: names of the terms that it minimizes; None for all.
        repeat: how often it changes them in one update of the run, each time with a fresh batch.
    """

    name: str
    variables: Sequence[keras.Variable]
    terms: Sequence[str] | None = None
    repeat: int = 1
