"""The sections of the config of the task vectors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field

from nlpx.core.component import Section
from nlpx.core.options import PositiveFloat, PositiveInt
from nlpx.specs.sections import DataSection, Normalization, TrainSection


class VectorsData(DataSection):
    """Texts of words, whose width is ignored.

    Options:
        normalize: normalization of words before vocabulary lookup.
    """

    normalize: Normalization = Normalization()


class VectorsVocabulary(Section):
    """Words with vectors.

    Options:
        min_count: rarer words are removed from the text, so that their neighbours become adjacent.
        max_size: keep only this many of the most frequent words.
    """

    min_count: PositiveInt = 5
    max_size: PositiveInt | None = None


class Subsampling(Section):
    """Random choice of the occurrences of frequent words, another one in every epoch.

    keep(w) = min(1, t / f + sqrt(t / f)), f the relative frequency of w

    Options:
        threshold: t; smaller values remove more.
        only_targets: leave out centres of windows only; otherwise words are removed from the text, so that
            windows become wider.
    """

    threshold: PositiveFloat = 1e-3
    only_targets: bool = False


class VectorsModelSection(Section):
    """Two vectors for every word, as input and as output. The former are the result.

    Options:
        architecture: cbow predicts a word from the words of its window, skip_gram these from the word. counts
            computes vectors from co-occurrences of words without training.
        dim: width of the vectors.
        window: number of words on each side of the centre.
        shrink: draw the width of every window from 1 to `window`, so that near words count more.
        subsampling: which occurrences of frequent words training keeps; null keeps all.
        context: how cbow joins the vectors of a window, mean or sum.
        shared: use the same vectors as input and as output.
        bias: give outputs a bias.
        weighting: what counts decomposes: count, log(1 + count), or ppmi, the positive pointwise mutual
            information.
        power: the exponent p of the singular values in the vectors U S^p of counts.
    """

    architecture: Literal["cbow", "skip_gram", "counts"] = "cbow"
    dim: PositiveInt = 128
    window: Annotated[int, Field(ge=1, le=64)] = 5
    shrink: bool = True
    subsampling: Subsampling | None = Subsampling()
    context: Literal["mean", "sum"] = "mean"
    shared: bool = False
    bias: bool = False
    weighting: Literal["count", "log", "ppmi"] = "ppmi"
    power: Annotated[float, Field(ge=0, le=1)] = 0.5

    @property
    def trained(self) -> bool:
        """Whether vectors are trained."""
        return self.architecture != "counts"


USED_BY: Mapping[str, tuple[str, ...]] = {
    "context": ("cbow",),
    "shared": ("cbow", "skip_gram"),
    "bias": ("cbow", "skip_gram"),
    "weighting": ("counts",),
    "power": ("counts",),
}
"""The options that only some architectures have."""


class VectorsTrain(TrainSection):
    """Length of training and batches, which consist of rows of `length` consecutive words.

    Options:
        length: words of a row that are centres; the windows of the first and last look into the neighbouring
            rows. Short rows are faster, and have more noise classes with `shared: row` of a loss.
        batch_size: rows of a batch.
        buckets: not used, because all rows have the same length.
    """

    epochs: PositiveInt | None = 5
    length: Annotated[int, Field(ge=1, le=1024)] = 32
    batch_size: PositiveInt = 128
    buckets: None = None
