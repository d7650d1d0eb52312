"""Sections of configs that are shared by all tasks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field, model_validator

from nlpx.components.encoders.base import Encoder
from nlpx.components.heads.base import Head
from nlpx.components.sources.base import Source
from nlpx.components.sources.builtin import Builtin
from nlpx.core.component import Section
from nlpx.core.options import Folder, NonNegativeFloat, PositiveInt
from nlpx.specs.embedding import EmbeddingSection
from nlpx.specs.stages import Stage


class Normalization(Section):
    """Normalization of text before vocabulary lookup. Output text is not affected.

    Options:
        width: half maps full-width letters, digits and punctuation to half-width forms; keep does not
            change them.
        case: lower maps letters to lower case; keep does not change them.
        digits: zero maps all digits to 0; keep does not change them.
    """

    width: Literal["half", "keep"] = "half"
    case: Literal["lower", "keep"] = "keep"
    digits: Literal["zero", "keep"] = "keep"


class OutputNormalization(Normalization):
    """Generated text consists of characters of the vocabulary, so the character width is kept."""

    width: Literal["half", "keep"] = "keep"


class DataSection(Section):
    """The data source.

    Options:
        root: folder for relative paths of corpus files; default: `$NLPX_DATA`, or the folder of the
            config.
        source: the data source.
        on_bad_line: error stops before training and lists all bad rows; skip lists them in the run and
            continues.
        limit: maximum number of rows of each split.
        cache: folder for encoded data; default: `$NLPX_CACHE`, or the user's cache folder.
    """

    root: Folder | None = None
    source: Source = Builtin()
    on_bad_line: Literal["error", "skip"] = "error"
    limit: PositiveInt | None = None
    cache: Folder | None = None


class TextData(DataSection):
    """The data source of texts and their preparation.

    Options:
        normalize: normalization of text before vocabulary lookup.
        max_length: maximum length of records in characters; longer ones are left out (couplet) or split
            (segmentation).
    """

    normalize: Normalization = Normalization()
    max_length: PositiveInt = 128


class VocabularySection(Section):
    """Characters with their own ids.

    Options:
        unit: unit of tokens.
        min_count: rarer characters share the id of the unknown token.
        max_size: keep only this many of the most frequent characters.
    """

    unit: Literal["char"] = "char"
    min_count: PositiveInt = 2
    max_size: PositiveInt | None = None


Path = tuple[str, ...]
Chain = tuple[str, int, list[Encoder]]
"""A chain of blocks: its key, the width of its input, and the blocks."""


class BlockSection(Section):
    """A model that consists of blocks."""

    @property
    def chains(self) -> list[Chain]:
        """The chains of blocks whose widths must match."""
        return []

    @property
    def distinct(self) -> Mapping[Path, list[object]]:
        """The lists in which no item occurs twice, by their paths."""
        return {}


class TaggerSection(BlockSection):
    """A tagger: embedding -> encoder blocks -> head, one label per position.

    Options:
        embedding: character embeddings.
        encoder: blocks in sequence.
    """

    embedding: EmbeddingSection = EmbeddingSection()
    encoder: Annotated[list[Encoder], Field(min_length=1)]

    @property
    def chains(self) -> list[Chain]:
        return [("encoder", self.embedding.width, self.encoder)]

    @property
    def distinct(self) -> Mapping[Path, list[object]]:
        return {("embedding", "ngrams"): [ngrams.size for ngrams in self.embedding.ngrams]}


class HeadedTagger(TaggerSection):
    """A tagger with a head.

    Options:
        head: the layer that computes scores of labels.
    """

    head: Head


class EarlyStopping(Section):
    """Stop when the monitored metric has not improved for `patience` consecutive evaluations.

    Options:
        patience: number of evaluations without improvement.
        min_delta: minimum change that counts as an improvement.
    """

    patience: PositiveInt = 5
    min_delta: NonNegativeFloat = 0.0


class TrainSection(Section):
    """Length of training, batches and updates.

    Options:
        epochs: number of epochs; null if there are stages.
        steps: number of optimizer updates; takes precedence over `epochs`.
        stages: stages of training, each with its own length, trainable part of the model and
            optimizer; replaces `epochs` and `steps`.
        batch_size: number of rows of a (micro-)batch.
        accumulation: number of micro-batches per update; the last update of an epoch may have
            fewer.
        buckets: upper bounds of the length buckets; default: at most eight, chosen from the lengths of the
            training rows.
        evaluate_every: evaluation interval: `epoch`, or a number of updates.
        log_every: number of updates between two records of the training loss.
        evaluation_batch_size: batch size for evaluation and prediction.
        precision: float32, or mixed precision (computation in bfloat16 or float16 with float32 weights).
        deterministic: the same config, data and machine give the same result bit for bit.
        xla: compile the training step with XLA; faster for wide convolutions, slower for narrow ones.
        early_stopping: stop when the monitored metric does not improve; a stopped stage is followed by the
            next one.
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
        """`epochs` has no default if there are stages, because they have their own lengths."""
        if isinstance(values, Mapping) and values.get("stages") is not None and "epochs" not in values:
            return {**values, "epochs": None}
        return values


Monitor = Annotated[str, Field(pattern=r"^valid/[\w/]+$")]


class CheckpointSection(Section):
    """Checkpoints to keep.

    Options:
        monitor: the metric that selects the best checkpoint, `valid/METRIC`.
        mode: whether lower or higher is better; default: the direction of the metric.
        keep_best: number of best checkpoints to keep.
        keep_last: number of latest checkpoints to keep.
        every: number of updates between additional checkpoints; there is one after every evaluation.
    """

    monitor: Monitor = "valid/nll"
    mode: Literal["min", "max"] | None = None
    keep_best: PositiveInt = 1
    keep_last: PositiveInt = 1
    every: PositiveInt | None = None
