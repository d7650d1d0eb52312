"""Types of the values of examples that metrics read."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from nlpx.text.points import Points


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


class Values(Protocol):
    """The values of examples, documented in nlpx.components.values.

    The examples of a task have the values that the task gives; a metric reads those that it needs.
    """

    nll: float
    characters: int
    source_text: str
    reference_text: str
    predicted_text: str
    line: str
    finished: bool
    reference_words: tuple[str, ...]
    known_words: tuple[bool, ...]
    predicted_words: tuple[str, ...]
    reference_class: str
    predicted_class: str
    reference_rank: int
    head_classes: Heads
    elbo: Bounds
    generated: tuple[str, ...]
    familiarity: Familiarity
    ranking: tuple[Points, str]
    score: float
    predicted_score: float
