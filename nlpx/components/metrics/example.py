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
    """What a variational autoencoder says of a text, in nats.

    Attributes:
        nelbo: negative evidence lower bound.
        iw_nll: the importance-weighted bound of -log p(text).
        kl: KL of posterior and prior.
        mean: of the posterior, one number a dimension.
        right: characters that are the most probable ones for the mean, of `characters`.
        characters: how many the text has.
    """

    nelbo: float
    iw_nll: float
    kl: float
    mean: tuple[float, ...]
    right: int
    characters: int


class Generated(NamedTuple):
    """A text that was generated unconditionally, and a text of the corpus beside it.

    Attributes:
        lines: of the generated text.
        beside: the text of the corpus.
        copied: whether the generated text stands in the training records.
        bigram: log p in nats of the generated text by a bigram model of the training records.
        beside_bigram: log p of the text of the corpus.
    """

    lines: tuple[str, ...]
    beside: str
    copied: bool
    bigram: float
    beside_bigram: float


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
    generated: Generated
    ranking: tuple[Points, str]
    score: float
    predicted_score: float
