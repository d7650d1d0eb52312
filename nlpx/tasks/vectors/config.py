"""The config of the task vectors."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Self

from pydantic import Field, model_validator

from nlpx.components.losses.base import Loss
from nlpx.components.losses.negative_sampling import NegativeSampling
from nlpx.components.metrics.base import Metric
from nlpx.components.metrics.nll import NLL
from nlpx.components.metrics.word_metric import WordMetric
from nlpx.components.optimizers.base import Optimizer
from nlpx.components.optimizers.row_adagrad import RowAdagrad
from nlpx.components.sources.builtin import Builtin
from nlpx.components.sources.raw_text import RawText
from nlpx.core.misfits import Misfit, refuse
from nlpx.data.records import Sentence
from nlpx.specs.experiment import Experiment
from nlpx.tasks.vectors.sections import (
    USED_BY,
    VectorsData,
    VectorsModelSection,
    VectorsTrain,
    VectorsVocabulary,
)

if TYPE_CHECKING:
    from nlpx.data.codec import Vocabularies
    from nlpx.data.items import EncodedItems
    from nlpx.engine.learner import Batches
    from nlpx.specs.predictor import Predictor
    from nlpx.tasks.vectors.codec import VectorsCodec
    from nlpx.tasks.vectors.windows import WindowOptions


class Vectors(Experiment):
    """Learn vectors of words, or of characters, from running text.

    s = <h, output vector of a target>
    cbow: h = mean of the vectors of a window, whose centre is the target
    skip_gram: h = vector of the centre, and the words of its window are the targets

    Options:
        seed: seed of weights, subsampling, windows, noise and data order.
        data: texts.
        vocabulary: words with vectors.
        model: tables of vectors, windows, subsampling.
        loss: the objective: negative_sampling, nce, sampled_softmax, or cross_entropy for the full softmax.
        train: length of training and batches.
        samples: words whose neighbours are shown after every evaluation.
    Shapes: words (B, L) ids -> h (B, L, D) or (B, L, 1, D) -> scores of targets (B, L) or (B, L, S).
    Data: raw_text is segmented while it is read; segmented_text has words already.
    Relations: other tasks use the vectors by model.embedding.pretrained. Without input, `nlpx predict` writes
        them into an `--output` file in text (.vec) or binary (.bin) of word2vec, .npz, or as a map (.svg).
        A finished run has results/vectors.npz. nll is that of a softmax over all words in windows of full
        width, and of the noise distribution times e^s with negative_sampling.
    Reference: Mikolov et al. 2013, arXiv 1301.3781 and 1310.4546; kexue.fm archives 4233, 4402, 4515, 5617.
    Example:
        task: vectors
        model: {architecture: skip_gram, dim: 64}
    """

    row: ClassVar[str] = Sentence.kind
    sample: ClassVar[str] = "vectors"
    given_by_record: ClassVar[Mapping[str, frozenset[str]]] = {
        Sentence.kind: frozenset(),
        RawText.kind: frozenset(),
    }
    generates: ClassVar[bool] = True
    introduces: ClassVar[Mapping[str, str]] = {
        "word_vectors": "the vectors of all words, the same in all examples",
        "word_pairs": "pairs of words of the built-in sample with scores",
        "word_analogies": "analogies of words of the built-in sample",
    }
    gives: ClassVar[frozenset[str]] = frozenset(introduces) | {
        "mask",
        "logits",
        "hidden",
        "output_embedding",
        "output_bias",
        "target",
        "target_score",
        "row_key",
        "frequency",
        "nll",
        "characters",
    }

    type: Literal["vectors"] = Field("vectors", alias="task")
    data: VectorsData = VectorsData()
    vocabulary: VectorsVocabulary = VectorsVocabulary()
    model: VectorsModelSection = VectorsModelSection()
    loss: Loss = NegativeSampling(negatives=5, pool=32, shared="row", exclude_target=True)
    optimizer: Optimizer = RowAdagrad()
    train: VectorsTrain = VectorsTrain()
    metrics: list[Metric] = [NLL()]

    @property
    def windows(self) -> WindowOptions:
        """How windows are drawn."""
        from nlpx.tasks.vectors.windows import WindowOptions

        model = self.model
        only = model.subsampling is not None and model.subsampling.only_targets
        return WindowOptions(model.window, model.shrink, self.train.length, only)

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        refuse(self.type, self._misfits())
        return self

    def _misfits(self) -> Iterator[Misfit]:
        for place, metric in enumerate(self.metrics):
            if (
                isinstance(metric, WordMetric)
                and metric.file is None
                and not isinstance(self.data.source, Builtin)
            ):
                what = f"only the built-in sample has questions: set the file of the metric {metric.type}"
                yield ("metrics", place), metric.type, what
        model = self.model
        if not model.trained and self.train.steps != 1:
            what = "vectors of counts are not trained: set train.steps: 1, which only evaluates them"
            yield ("model", "architecture"), model.architecture, what
        defaults = type(model)()
        for name, architectures in USED_BY.items():
            value = getattr(model, name)
            if model.architecture not in architectures and value != getattr(defaults, name):
                what = f"{name} is an option of {' and '.join(architectures)}, not of {model.architecture}"
                yield ("model", name), value, f"{what}: remove it"

    def codec(self) -> VectorsCodec:
        from nlpx.tasks.vectors.codec import VectorsCodec

        return VectorsCodec(self.data.normalize, self.vocabulary.min_count, self.vocabulary.max_size)

    def learner(self, codec: Any, vocabularies: Vocabularies) -> Any:
        from nlpx.tasks.vectors.learner import vectors_learner

        return vectors_learner(self, vocabularies)

    def fit(self, learner: Any, items: EncodedItems) -> None:
        if not self.model.trained:
            from nlpx.tasks.vectors.closed_form import fit_counts

            fit_counts(self, learner, items)

    def batches(self, items: EncodedItems, learner: Any, cache: Path) -> Batches:
        from nlpx.core.lazy import np
        from nlpx.tasks.vectors.subsampling import keep_probability
        from nlpx.tasks.vectors.windows import WindowBatches

        train, chosen = self.train, self.model.subsampling
        keep = np.ones(len(learner.counts))
        if chosen is not None:
            keep = keep_probability(learner.counts, chosen.threshold)
        return WindowBatches(items, keep, self.windows, train.batch_size, self.seed, train.accumulation)

    def exported(self, graphs: Any, constants: Any) -> Any:
        from nlpx.exported.word_vectors import ExportedWordVectors

        return ExportedWordVectors(graphs, constants)

    def inputs(self, codec: Any, vocabularies: Vocabularies, folder: Path) -> Sequence[str]:
        from nlpx.tasks.vectors.codec import WORD

        drawn, words = random.Random(0), vocabularies[WORD].tokens[1:]
        return [*self.samples, *(" ".join(drawn.choices(words, k=k)) for k in (1, 1, 1, 1, 2, 3, 5, 8))]

    def predictor(self, codec: Any, learner: Any, vocabularies: Vocabularies) -> Predictor[Any, Any]:
        from nlpx.tasks.vectors.predictor import VectorsPredictor

        return VectorsPredictor(self, codec, learner, vocabularies)

    def example_type(self) -> Any:
        from nlpx.tasks.vectors.example import WordTextExample

        return WordTextExample

    def references(self, codec: Any, vocabularies: Vocabularies) -> Mapping[str, Predictor[Any, Any]]:
        from nlpx.tasks.vectors.references import references

        return references(self, codec, vocabularies)
