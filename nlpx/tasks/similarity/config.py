"""The config of the task similarity."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field

from nlpx.components.decoders.base import Decoder
from nlpx.components.decoders.nearest import Nearest
from nlpx.components.losses.base import Loss
from nlpx.components.losses.multiple_negatives_ranking import MultipleNegativesRanking
from nlpx.components.metrics.base import Metric
from nlpx.components.metrics.retrieval import Retrieval
from nlpx.core.options import PositiveInt
from nlpx.specs.experiment import TextExperiment
from nlpx.specs.sections import CheckpointSection, Monitor, Normalization, TextData
from nlpx.specs.sentence import SentenceSection

if TYPE_CHECKING:
    from nlpx.data.codec import Vocabularies
    from nlpx.data.items import EncodedItems
    from nlpx.engine.learner import Batches
    from nlpx.specs.predictor import Predictor
    from nlpx.tasks.similarity.codec import GroupCodec, PairCodec


class SimilarityNormalization(Normalization):
    """Width and case of letters are ignored."""

    case: Literal["lower", "keep"] = "lower"


class SimilarityData(TextData):
    """Sentences in groups or scored pairs; longer sentences are truncated to `max_length`."""

    normalize: SimilarityNormalization = SimilarityNormalization()
    max_length: PositiveInt = 48


class SimilarityCheckpoint(CheckpointSection):
    """The best checkpoint has the highest retrieval metric."""

    monitor: Monitor = "valid/mrr"


class Similarity(TextExperiment):
    """Find the sentence with the same meaning.

    Sentences are encoded as vectors of length 1, whose cosines measure similarity of meaning. They are
    trained on groups of paraphrases, or on scored pairs. Validation and test groups differ from training
    groups.

    Options:
        data: sentences in groups, or scored pairs of sentences.
        vocabulary: characters of the sentences.
        model: embedding, encoder blocks, poolings.
        decode: the search for neighbours.
        samples: sentences whose neighbours are shown after every evaluation.
    Shapes: sentence (B, T) ids -> (B, D) vectors.
    Data: groups of at least two sentences; or scored pairs, with a loss and metrics for them.
    Relations: validation and test sentences are searched among those of the same split, as in the original;
        `nlpx predict` searches the training split.
    Reference: kexue.fm archive 5743.
    Example:
        task: similarity
        train: {epochs: 10, batch_size: 256}
    """

    row: ClassVar[str] = "question"
    sample: ClassVar[str] = "similarity"
    gives: ClassVar[frozenset[str]] = frozenset({"mask", "embedding", "char", "blocks", "vector"})
    given_by_record: ClassVar[Mapping[str, frozenset[str]]] = {
        "question": frozenset({"group", "ranking"}),
        "scored_pair": frozenset({"cosine", "score", "predicted_score"}),
    }

    type: Literal["similarity"] = Field("similarity", alias="task")
    data: SimilarityData = SimilarityData()
    model: SentenceSection = SentenceSection()
    loss: Loss = MultipleNegativesRanking()
    checkpoint: SimilarityCheckpoint = SimilarityCheckpoint()
    decode: Decoder = Nearest()
    metrics: list[Metric] = [Retrieval()]

    @property
    def of_pairs(self) -> bool:
        """Whether the records are scored pairs rather than sentences in groups."""
        return self.row_type == "scored_pair"

    def codec(self) -> GroupCodec | PairCodec:
        from nlpx.tasks.similarity.codec import GroupCodec, PairCodec

        return (PairCodec if self.of_pairs else GroupCodec).of(self, self.model)

    def learner(self, codec: Any, vocabularies: Vocabularies) -> Any:
        from nlpx.tasks.similarity.learner import group_learner, pair_learner

        return (pair_learner if self.of_pairs else group_learner)(self, codec, vocabularies)

    def batches(self, items: EncodedItems, learner: Any, cache: Path) -> Batches:
        from nlpx.tasks.similarity.learner import check_scores, group_batches

        if self.of_pairs:
            check_scores(self, items)
        elif self.loss.compares:
            return group_batches(self, items)
        return super().batches(items, learner, cache)

    def exported(self, graphs: Any, constants: Any) -> Any:
        from nlpx.exported.sentence import ExportedSentenceEncoder

        return ExportedSentenceEncoder(graphs, constants)

    def predictor(self, codec: Any, learner: Any, vocabularies: Vocabularies) -> Predictor[Any, Any]:
        from nlpx.tasks.similarity.pair_predictor import PairPredictor, PairSearch
        from nlpx.tasks.similarity.predictor import SentencePredictor

        if self.of_pairs:
            return PairPredictor(PairSearch(self, codec, learner, vocabularies))
        return SentencePredictor(self, codec, learner, vocabularies)

    def example_type(self) -> Any:
        from nlpx.tasks.similarity.example import QuestionExample
        from nlpx.tasks.similarity.pair_example import PairExample

        return PairExample if self.of_pairs else QuestionExample

    def references(self, codec: Any, vocabularies: Vocabularies) -> Mapping[str, Predictor[Any, Any]]:
        from nlpx.tasks.similarity.pair_predictor import PairScorer
        from nlpx.tasks.similarity.retrieval import TfidfPredictor

        reference = TfidfPredictor(codec.tfidf)
        return {"tf-idf": PairScorer(reference) if self.of_pairs else reference}
