"""A verse with what an autoencoder makes of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from nlpx.components.metrics.example import Bounds, Generated
from nlpx.tasks.example import TaskExample
from nlpx.text.verse import written_out


@dataclass(frozen=True, slots=True)
class VerseExample(TaskExample):
    """A verse with what a variational autoencoder makes of it, and a verse that it composed.

    Attributes:
        text: the verse, without marks.
        answer: its reconstruction; as many characters.
        right: how many of its characters the reconstruction has in their place.
        nelbo: negative evidence lower bound in nats.
        iw_nll: the importance-weighted bound of -log p(text) in nats.
        kl: KL of posterior and prior in nats.
        mean: of the posterior, one number a dimension; not part of the predictions file.
        composed: the lines of a composed verse.
        copied: whether that verse stands in the training rows.
        composed_bigram: its log p in nats by the bigram model of the training rows.
        row_bigram: that of `text`.
        group: names of the parts of the split that it is also counted in.
    """

    unwritten: ClassVar[frozenset[str]] = frozenset({"mean"})

    text: str
    answer: str
    right: int
    nelbo: float
    iw_nll: float
    kl: float
    mean: tuple[float, ...]
    composed: tuple[str, ...]
    copied: bool
    composed_bigram: float
    row_bigram: float
    group: tuple[str, ...] = ()

    @property
    def elbo(self) -> Bounds:
        return Bounds(self.nelbo, self.iw_nll, self.kl, self.mean, self.right, len(self.text))

    @property
    def generated(self) -> Generated:
        return Generated(self.composed, self.text, self.copied, self.composed_bigram, self.row_bigram)

    severity_is: ClassVar[str] = "negative elbo in nats"

    @property
    def severity(self) -> float:
        return self.nelbo

    def describe(self) -> str:
        return f"{written_out(self.text)} → {written_out(self.answer)}"
