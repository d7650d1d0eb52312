"""The fixed sections of a config file that all tasks share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field, model_validator

from nlpx.components.encoders.base import Encoder
from nlpx.components.heads.base import Head
from nlpx.components.poolings.base import Pooling
from nlpx.components.poolings.max import Max
from nlpx.components.poolings.mean import Mean
from nlpx.components.sources.base import Source
from nlpx.components.sources.builtin import Builtin
from nlpx.core.component import Section
from nlpx.core.options import Folder, NonNegativeFloat, PositiveInt, Rate
from nlpx.specs.stages import Stage


class Normalization(Section):
    """How text is mapped before the vocabulary sees it. Output text is never changed by it.

    Options:
        width: half maps full-width letters, digits and punctuation to their half-width forms; keep leaves
            them.
        case: lower maps letters to lower case; keep leaves them.
        digits: zero maps every digit to 0; keep leaves them.
    """

    width: Literal["half", "keep"] = "half"
    case: Literal["lower", "keep"] = "keep"
    digits: Literal["zero", "keep"] = "keep"


class DataSection(Section):
    """Which records are read.

    Options:
        root: folder that corpus files are relative to; `$NLPX_DATA`, then the folder of the config, where it
            is empty.
        source: where records come from.
        on_bad_line: error stops before training and lists every bad row; skip counts and lists them in the
            run.
        limit: read at most this many rows of every split.
        cache: folder for encoded rows; empty takes `$NLPX_CACHE`, then the user's cache folder.
    """

    root: Folder | None = None
    source: Source = Builtin()
    on_bad_line: Literal["error", "skip"] = "error"
    limit: PositiveInt | None = None
    cache: Folder | None = None


class TextData(DataSection):
    """Which texts are read and how they are prepared.

    Options:
        normalize: how text is mapped before the vocabulary sees it.
        max_length: longest record in characters; longer training records are left out (couplet) or cut
            (segmentation).
    """

    normalize: Normalization = Normalization()
    max_length: PositiveInt = 128


class VocabularySection(Section):
    """Which characters have an id of their own.

    Options:
        unit: what a token is.
        min_count: rarer characters share the id of the unknown.
        max_size: keep at most this many characters, the most frequent ones.
    """

    unit: Literal["char"] = "char"
    min_count: PositiveInt = 2
    max_size: PositiveInt | None = None


class Ngrams(Section):
    """Embeddings of the n-grams that end and begin at a position, beside those of characters.

    Options:
        size: n; for 2 these are the pairs (previous, this) and (this, next).
        dim: width of one n-gram vector.
        min_count: rarer n-grams share the vector of the unknown.
        dropout: share of n-grams that training replaces by the unknown.
    """

    size: Annotated[int, Field(ge=2, le=3)] = 2
    dim: PositiveInt = 64
    min_count: PositiveInt = 3
    dropout: Rate = 0.0


class EmbeddingSection(Section):
    """Vectors of characters.

    Options:
        dim: width of a character vector.
        dropout: share of the vector's elements that is dropped in training.
        ngrams: n-gram vectors that are appended.
    """

    dim: PositiveInt = 128
    dropout: Rate = 0.0
    ngrams: list[Ngrams] = []

    @property
    def width(self) -> int:
        """Width of what the encoder is given: a character's vector, and two of every kind of n-gram."""
        return self.dim + 2 * sum(ngrams.dim for ngrams in self.ngrams)


Chain = tuple[str, int, list[Encoder]]
"""Blocks that follow one another: the key they stand under, the width that the first is given, the blocks."""


class BlockSection(Section):
    """A model that is made of blocks."""

    @property
    def chains(self) -> list[Chain]:
        """The blocks whose widths must fit together."""
        return []


class TaggerSection(BlockSection):
    """A tagger: embedding -> encoder blocks -> head, one answer a position.

    Options:
        embedding: vectors of characters.
        encoder: blocks that follow one another.
    """

    embedding: EmbeddingSection = EmbeddingSection()
    encoder: Annotated[list[Encoder], Field(min_length=1)]

    @property
    def chains(self) -> list[Chain]:
        return [("encoder", self.embedding.width, self.encoder)]


class HeadedTagger(TaggerSection):
    """A tagger with its head.

    Options:
        embedding: vectors of characters.
        encoder: blocks that follow one another.
        head: layer that scores the answers.
    """

    head: Head


class SentenceSection(TaggerSection):
    """A sentence encoder: embedding -> encoder blocks -> poolings -> projection, one vector a sentence.

    Options:
        embedding: vectors of characters.
        encoder: blocks that follow one another; none makes a bag of characters and n-grams.
        pooling: how the vectors of a sentence become one; several stand side by side.
        projection: width of the vector; empty takes what the poolings give.
        dropout: share of the pooled vector that is dropped in training.
        mask: hide padding from blocks and poolings; without it they see it, up to data.max_length.
    """

    encoder: list[Encoder] = []
    pooling: Annotated[list[Pooling], Field(min_length=1)] = [Mean(), Max()]
    projection: PositiveInt | None = None
    dropout: Rate = 0.0
    mask: bool = True


class LexiconSection(Section):
    """Features that say how surely a stretch of 2 to 5 characters is a word of the training rows.

    Options:
        dropout: share of positions whose features training hides.
    """

    dropout: Rate = 0.0


class EarlyStopping(Section):
    """Stop when the monitored number has not improved for `patience` evaluations in a row.

    Options:
        patience: evaluations without improvement.
        min_delta: least change that counts as an improvement.
    """

    patience: PositiveInt = 5
    min_delta: NonNegativeFloat = 0.0


class TrainSection(Section):
    """How long and in which steps the model is trained.

    Options:
        epochs: passes over the training rows; nothing where there are stages.
        steps: optimizer updates after which training ends, whatever `epochs` says.
        stages: trainings that follow one another, each with its own length, trained part of the model and
            optimizer; instead of `epochs` and `steps`.
        batch_size: rows of one (micro-)batch.
        accumulation: micro-batches whose gradients make one update; the last update of an epoch may have
            fewer.
        buckets: upper ends of the length buckets; empty chooses at most eight from the lengths of the
            training rows.
        evaluate_every: `epoch`, or a number of updates.
        log_every: updates between two records of the training loss.
        evaluation_batch_size: rows of one batch in evaluation and prediction.
        precision: float32, or computation in bfloat16/float16 with float32 weights.
        deterministic: same config, data and machine give the same bits.
        xla: compile the training step with XLA; faster for wide convolutions, slower for narrow ones.
        early_stopping: stop when nothing improves; a stage that is stopped is followed by the next one.
    """

    epochs: PositiveInt | None = 10
    steps: PositiveInt | None = None
    stages: Annotated[list[Stage], Field(min_length=1)] | None = None
    batch_size: PositiveInt = 64
    accumulation: PositiveInt = 1
    buckets: list[PositiveInt] | None = None
    evaluate_every: Literal["epoch"] | PositiveInt = "epoch"
    log_every: PositiveInt = 50
    evaluation_batch_size: PositiveInt = 256
    precision: Literal["float32", "mixed_bfloat16", "mixed_float16"] = "float32"
    deterministic: bool = True
    xla: bool = False
    early_stopping: EarlyStopping | None = None

    @model_validator(mode="before")
    @classmethod
    def _stages_have_lengths(cls, values: object) -> object:
        """Where there are stages, `epochs` has no default: they say themselves how long they are."""
        if isinstance(values, Mapping) and values.get("stages") is not None and "epochs" not in values:
            return {**values, "epochs": None}
        return values


Monitor = Annotated[str, Field(pattern=r"^valid/[\w/]+$")]


class CheckpointSection(Section):
    """Which states of the run are kept.

    Options:
        monitor: the number that decides which checkpoint is best, `valid/METRIC`.
        mode: whether smaller or larger is better; empty takes the metric's own direction.
        keep_best: how many of the best checkpoints are kept.
        keep_last: how many of the latest checkpoints are kept.
        every: updates between two checkpoints, beside those after every evaluation.
    """

    monitor: Monitor = "valid/nll"
    mode: Literal["min", "max"] | None = None
    keep_best: PositiveInt = 1
    keep_last: PositiveInt = 1
    every: PositiveInt | None = None
