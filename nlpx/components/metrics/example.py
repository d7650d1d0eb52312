"""What metrics may read of an example."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from nlpx.text.points import Points


class Heads(NamedTuple):
    """The classes that two heads name, and the share of the main one in the prediction."""

    main: str
    auxiliary: str
    share: float


class Bounds(NamedTuple):
    """What a variational autoencoder says of a text: characters it reconstructs, bounds and KL in nats."""

    right: int
    nelbo: float
    iw_nll: float
    kl: float
    mean: tuple[float, ...]


class Familiarity(NamedTuple):
    """Whether a generated text is a training record; log p by their bigrams, and that of the given text."""

    copied: bool
    composed_bigram: float
    row_bigram: float


class Values(Protocol):
    """The values of examples, as nlpx.components.values names and explains them.

    The examples of a task have those that the task gives; a metric reads those that it needs.
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
