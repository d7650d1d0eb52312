"""The config of the task similarity."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

from pydantic import Field

from nlpx.components.metrics.base import Metric
from nlpx.components.metrics.retrieval import Retrieval
from nlpx.core.options import PositiveInt
from nlpx.specs.decoders import Decoder
from nlpx.specs.experiment import Experiment
from nlpx.specs.losses import Loss
from nlpx.specs.retrieval import Nearest
from nlpx.specs.sections import CheckpointSection, DataSection, Monitor, Normalization, SentenceSection
from nlpx.specs.similarity_losses import InBatch
from nlpx.specs.sources import RowType


class SimilarityNormalization(Normalization):
    """Letters are compared whatever their width and case."""

    case: Literal["lower", "keep"] = "lower"


class SimilarityData(DataSection):
    """Rows of sentences, with groups or in scored pairs; `max_length` cuts longer sentences off."""

    normalize: SimilarityNormalization = SimilarityNormalization()
    max_length: PositiveInt = 48


class SimilarityCheckpoint(CheckpointSection):
    """The best checkpoint is the one that finds most."""

    monitor: Monitor = "valid/mrr"


class Similarity(Experiment):
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

    implementation: ClassVar[str] = "nlpx.tasks.scored_pairs:similarity_task"
    row: ClassVar[RowType] = "question"
    gives: ClassVar[frozenset[str]] = frozenset({"mask", "vector"})
    given_by_record: ClassVar[Mapping[str, frozenset[str]]] = {
        "question": frozenset({"group", "ranking"}),
        "scored_pair": frozenset({"cosine", "score", "predicted_score"}),
    }

    type: Literal["similarity"] = Field("similarity", alias="task")
    data: SimilarityData = SimilarityData()
    model: SentenceSection = SentenceSection()
    loss: Loss = InBatch()
    checkpoint: SimilarityCheckpoint = SimilarityCheckpoint()
    decode: Decoder = Nearest()
    metrics: list[Metric] = [Retrieval()]
