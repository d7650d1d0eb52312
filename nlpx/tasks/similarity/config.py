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
from nlpx.specs.sections import CheckpointSection, Monitor, Normalization, SentenceSection, TextData

if TYPE_CHECKING:
    from nlpx.data.codec import Vocabularies
    from nlpx.data.items import EncodedItems
    from nlpx.engine.learner import Batches
    from nlpx.specs.predictor import Predictor
    from nlpx.tasks.similarity.codec import GroupCodec, PairCodec


class SimilarityNormalization(Normalization):
    """Letters are compared whatever their width and case."""

    case: Literal["lower", "keep"] = "lower"


class SimilarityData(TextData):
    """Rows of sentences, with groups or in scored pairs; `max_length` cuts longer sentences off."""

    normalize: SimilarityNormalization = SimilarityNormalization()
    max_length: PositiveInt = 48


class SimilarityCheckpoint(CheckpointSection):
    """The best checkpoint is the one that finds most."""

    monitor: Monitor = "valid/mrr"


class Similarity(TextExperiment):
    """Find the sentence that means the same.

    Sentences become vectors of length 1 whose cosines say how alike they are in meaning. They are learned
    from groups of synonyms, or from pairs with a score. The groups of valid and test are other ones than
    those of train.

    Options:
        name: name of the run.
        seed: of weights, dropout and the order of rows.
        data: rows of sentences with their groups, or of pairs of sentences with their scores.
        vocabulary: characters of the sentences.
        model: embedding, encoder blocks, poolings.
        loss: what training makes small.
        optimizer: how gradients change weights.
        tricks: additions to training, in the order written.
        train: how long and in which steps.
        checkpoint: which states are kept.
        decode: how many neighbours are named.
        metrics: what evaluation reports.
        samples: sentences whose neighbours are shown after every evaluation.
        observers: what else watches the run.
    Shapes: sentence (B, T) ids -> (B, D) vectors.
    Data: groups of two sentences or more; or scored pairs, with a loss and metrics that are made for them.
    Relations: sentences of valid and test are searched among those of the same split, as the article does;
        `nlpx predict` searches the training rows.
    Reference: kexue.fm archive 5743.
    Example:
        task: similarity
        train: {epochs: 10, batch_size: 256}
    """

    row: ClassVar[str] = "question"
    sample: ClassVar[str] = "similarity"
    gives: ClassVar[frozenset[str]] = frozenset({"mask", "vector"})
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
        """Whether the records are scored pairs, not sentences of groups."""
        return self.row_type == "scored_pair"

    def codec(self) -> GroupCodec | PairCodec:
        from nlpx.tasks.similarity.codec import GroupCodec, PairCodec

        return (PairCodec if self.of_pairs else GroupCodec).of(self, self.model)

    def learner(self, codec: Any, vocabularies: Vocabularies) -> Any:
        from nlpx.tasks.similarity.learner import group_learner, pair_learner

        return (pair_learner if self.of_pairs else group_learner)(self, codec, vocabularies)

    def batches(self, items: EncodedItems, learner: Any, cache: Path) -> Batches | None:
        from nlpx.tasks.similarity.learner import check_scores, group_batches

        if not self.of_pairs:
            return group_batches(self, items)
        check_scores(self, items)
        return None

    def predictor(self, codec: Any, learner: Any, vocabularies: Vocabularies) -> Predictor[Any, Any]:
        from nlpx.tasks.similarity.pair_predictor import PairPredictor, PairSearch
        from nlpx.tasks.similarity.predictor import SentencePredictor

        if self.of_pairs:
            return PairPredictor(PairSearch(self, codec, learner, vocabularies))
        return SentencePredictor(self, codec, learner, vocabularies)

    def references(self, codec: Any, vocabularies: Vocabularies) -> Mapping[str, Predictor[Any, Any]]:
        from nlpx.tasks.similarity.pair_predictor import PairScorer
        from nlpx.tasks.similarity.retrieval import TfidfPredictor

        reference = TfidfPredictor(codec.tfidf)
        return {"tf-idf": PairScorer(reference) if self.of_pairs else reference}
