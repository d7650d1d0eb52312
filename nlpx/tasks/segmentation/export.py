"""A trained segmenter as arrays for the runtime, which needs NumPy alone."""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from nlpx.components.decoders.viterbi import Viterbi
from nlpx.components.encoders.conv import Conv
from nlpx.core.suggest import one_of
from nlpx.data.codec import Vocabularies
from nlpx.data.records import Sentence
from nlpx.errors import EnvironmentProblem, UsageError
from nlpx.tasks.segmentation.codec import SegmentationCodec
from nlpx.tasks.segmentation.config import Segmentation
from nlpx.tasks.segmentation.example import SegmentationExample
from nlpx.tasks.segmentation.runtime import FORMAT, Segmenter
from nlpx.text.punctuation import CLAUSE_END, SENTENCE_END

if TYPE_CHECKING:
    from nlpx.models.tagger import TaggingLearner
    from nlpx.specs.predictor import Predictor

Arrays = dict[str, np.ndarray]
HEADS = {"softmax": "projection", "crf": "dense"}
"""Heads that the runtime knows, and the attribute with their dense layer."""
ACTIVATIONS = ("relu", "tanh", "linear")
TRIED = (1, 2, 7, 60, 300)
"""Lengths of the texts that an export is verified with."""


def exported(
    experiment: Segmentation, codec: SegmentationCodec, learner: TaggingLearner, vocabularies: Vocabularies
) -> Arrays:
    """The arrays of `Segmenter`. Raises UsageError if the runtime lacks a part of the model."""
    lacking = next(_lacking(experiment), None)
    if lacking is not None:
        raise UsageError(
            f"this run cannot be exported: {lacking}. Expected convolutions over the embeddings of "
            "characters, the head softmax or crf, the decoder viterbi: see configs/segmentation/nncws.yaml."
        )
    model = learner.model
    arrays: Arrays = {"format": np.array(FORMAT), "layers": np.array(len(model.encoder))}
    for i, layer in enumerate(model.encoder):
        conv = layer.conv
        arrays[f"kernel_{i}"], arrays[f"bias_{i}"] = (w.numpy() for w in (conv.kernel, conv.bias))
        arrays[f"dilation_{i}"] = np.array(conv.dilation_rate[0])
        arrays[f"activation_{i}"] = np.array(conv.activation.__name__)
    dense = getattr(model.head, HEADS[experiment.model.head.type])
    weights = {"embedding": model.embedding.embeddings, "weights": dense.kernel, "bias": dense.bias}
    decoder = Viterbi.of(experiment.decode)
    return {
        **arrays,
        **{name: weight.numpy() for name, weight in weights.items()},
        **decoder.tables(**learner.potentials),
        **_characters(codec, vocabularies),
        "max_length": np.array(codec.max_length),
        "sentence_end": np.array(sorted(map(ord, SENTENCE_END))),
        "clause_end": np.array(sorted(map(ord, CLAUSE_END))),
    }


def _lacking(experiment: Segmentation) -> Iterator[str]:
    """What the runtime cannot do."""
    model, decoder = experiment.model, experiment.decode
    if model.embedding.ngrams or model.embedding.lexicon is not None:
        yield "model.embedding has n-grams or a lexicon"
    for block in model.encoder:
        if not isinstance(block, Conv):
            yield f"model.encoder has a block {block.type}"
        elif block.residual or block.normalize or block.activation not in ACTIVATIONS:
            what = f"an activation that is not {one_of(ACTIVATIONS)}"
            yield f"model.encoder has a residual, a normalization, or {what}"
    if model.head.type not in HEADS:
        yield f"model.head is {model.head.type}"
    if not isinstance(decoder, Viterbi) or decoder.dictionary is not None:
        yield "decode has a dictionary" if isinstance(decoder, Viterbi) else f"decode is {decoder.type}"
    if experiment.train.precision != "float32":
        yield f"train.precision is {experiment.train.precision}"


def _characters(codec: SegmentationCodec, vocabularies: Vocabularies) -> Arrays:
    """All characters whose normalized form has an id, so that the runtime normalizes nothing."""
    every = "".join(map(chr, range(sys.maxunicode + 1)))
    ids = vocabularies["char"].ids(codec.normalizer.normalize(every))
    known = np.flatnonzero(ids).astype(np.int32)
    return {"code_points": known, "ids": ids[known]}


def verify(
    arrays: Arrays,
    predictor: Predictor[Sentence, SegmentationExample],
    samples: Sequence[str],
    characters: Sequence[str],
) -> None:
    """Compare the runtime with a predictor on the samples, and on characters in random order.

    Raises:
        EnvironmentProblem: they do not give the same words.
    """
    drawn = random.Random(0)
    texts = [*samples, *("".join(drawn.choices(characters, k=k)) for k in TRIED if characters)]
    segmenter = Segmenter(arrays)
    for text, words, prediction in zip(texts, segmenter.words(texts), predictor.predict(texts), strict=True):
        if words != prediction.fields["words"]:
            raise EnvironmentProblem(
                f"the exported model gives other words for {text!r} than the run: {words}, expected "
                f"{prediction.fields['words']}. Nothing was written."
            )
