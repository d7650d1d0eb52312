"""What tasks share that turn sentences into vectors: normalization, the encoder, TF-IDF beside it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, TypeVar

from nlpx.specs.similarity_losses import ClassLossSpec
from nlpx.specs.tasks.similarity import Similarity
from nlpx.tasks.base import ExampleT, RowT, Vocabularies
from nlpx.tasks.features import FeatureTask
from nlpx.text.tfidf import Tfidf

if TYPE_CHECKING:
    from nlpx.models.encoder import SentenceEncoder, SentenceProblem

SentenceProblemT = TypeVar("SentenceProblemT", bound="SentenceProblem")


class SentenceTask(FeatureTask[RowT, SentenceProblemT, ExampleT]):
    """A task whose model is a sentence encoder."""

    experiment: Similarity

    def __init__(self, experiment: Similarity) -> None:
        super().__init__(experiment, experiment.model)

    def normalized(self, text: str) -> str:
        """What the model sees of a text."""
        return self.normalizer.normalize(text)[: self.experiment.data.max_length]

    def encoder(self, vocabularies: Vocabularies, classes: int | None = None) -> SentenceEncoder:
        """The model with fresh weights, and vectors of so many classes, if any."""
        from nlpx.models.encoder import build_encoder

        loss = self.experiment.loss
        sizes = {name: len(vocabularies[name]) for name in super().min_counts}
        return build_encoder(
            self.experiment.model,
            characters=sizes.pop("char"),
            ngram_sizes=sizes,
            classes=classes,
            longest=self.experiment.data.max_length,
            constrained=isinstance(loss, ClassLossSpec) and loss.class_vectors == "constrained",
        )

    def tfidf(self, texts: Iterable[str]) -> Tfidf:
        """TF-IDF with the document frequencies of these sentences, each counted once."""
        return Tfidf.fit(list(dict.fromkeys(texts)), self.normalized)
