"""An article with its headline."""

from __future__ import annotations

from dataclasses import dataclass
from operator import attrgetter
from typing import ClassVar

from nlpx.components.metrics.rouge import characters, subsequence_f1
from nlpx.tasks.example import TaskExample

SHOWN = 60
"""Characters of an article that a person is shown."""


@dataclass(frozen=True, slots=True)
class TitleExample(TaskExample):
    """An article with the headline of the corpus and that of the model.

    Attributes:
        article: the article.
        reference: the headline of the corpus.
        answer: the headline of the model.
        finished: whether the model ended it by itself.
        nll: -log p(reference | article) in nats, the end included.
        characters: those of the reference and one for the end, whatever tokens `nll` sums over.
    """

    article: str
    reference: str
    answer: str
    finished: bool
    nll: float
    characters: int

    source_text = property(attrgetter("article"))
    reference_text = property(attrgetter("reference"))
    predicted_text = property(attrgetter("answer"))

    severity_is: ClassVar[str] = "1 - ROUGE-L"

    @property
    def severity(self) -> float:
        return 1 - subsequence_f1(characters(self.answer), characters(self.reference))

    def describe(self) -> str:
        beginning = self.article[:SHOWN] + ("…" if len(self.article) > SHOWN else "")
        return f"{beginning} → {self.answer}  (reference {self.reference})"
