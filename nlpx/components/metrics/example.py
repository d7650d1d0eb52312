"""Types of the values of examples that metrics read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple, TypeAlias


class Heads(NamedTuple):
    """The classes predicted by two heads, and the weight of the main head in the prediction."""

    main: str
    auxiliary: str
    share: float


class Bounds(NamedTuple):
    """Values of a variational autoencoder for a text: correct characters, bounds and KL in nats."""

    right: int
    nelbo: float
    iw_nll: float
    kl: float
    mean: tuple[float, ...]


class Familiarity(NamedTuple):
    """Whether a generated text is in the training split; bigram log p of it, and of the input text."""

    copied: bool
    composed_bigram: float
    row_bigram: float


class Pair(NamedTuple):
    """The classes of the two objects of an image, and the score of every class in it."""

    pair_classes: tuple[str, str]
    pair_scores: Mapping[str, float]


Values: TypeAlias = Any
"""An example, of which a metric reads the values that it needs, by the names of nlpx.components.values."""
