"""Five thousand positions with values around 30, computed in 16 bits, against float32.

A sum over them is larger than float16 can hold, and a count of them than bfloat16 can tell apart.
"""

from __future__ import annotations

from collections.abc import Callable

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import tree

from nlpx.components.encoders.base import Encoder
from nlpx.components.heads.base import Head
from nlpx.components.poolings.base import Pooling
from nlpx.core.build import build
from nlpx.core.component import builtin_registry
from nlpx.layers.cross_attention import CrossAttention
from nlpx.layers.pointer import CoveredPointer, Pointed, Pointer
from nlpx.models.encoder import SentenceEncoder, SentenceLearner
from nlpx.models.seq2seq import Seq2Seq
from nlpx.models.tagger import Tagger, TaggingLearner
from nlpx.models.vae import AutoencoderLearner, VariationalAutoencoder
from nlpx.models.writing import Seq2SeqLearner
from nlpx.tasks.couplet.config import Couplet
from nlpx.tasks.poem.config import Poem
from nlpx.tasks.similarity.config import Similarity
from nlpx.tasks.title.config import Title
from tests.layers.harness import policy

LENGTH, WIDTH, CHARACTERS = 5000, 4, 20
MASK = np.arange(LENGTH) < np.array([[LENGTH], [LENGTH - 7]])
ERRORS = {"mixed_float16": 0.01, "mixed_bfloat16": 0.05}
"""By precision, what is allowed, as a share of the greatest value."""
Compute = Callable[[], object]


def values(*shape: int) -> np.ndarray:
    """Numbers around 30 that all precisions can hold: what differs comes from the layer."""
    return np.random.default_rng(0).choice(np.array([28, 30, 32], np.float32), shape)


X = values(2, LENGTH, WIDTH)
QUERIES = np.random.default_rng(1).integers(-2, 3, (2, 3, WIDTH)).astype(np.float32)


def computed(make: Callable[[], Compute], precision: str) -> list[np.ndarray]:
    """What is computed under a policy from the same random weights."""
    with policy(precision):
        keras.utils.set_random_seed(0)
        found = tree.flatten(make()())
    return [np.asarray(tf.cast(value, tf.float32)) for value in found if value is not None]


def check(make: Callable[[], Compute]) -> None:
    expected = computed(make, "float32")
    assert all(np.isfinite(value).all() for value in expected)
    for precision, allowed in ERRORS.items():
        for value, wanted in zip(computed(make, precision), expected, strict=True):
            np.testing.assert_allclose(
                value, wanted, rtol=0, atol=allowed * np.abs(wanted).max(), err_msg=precision
            )


@pytest.mark.parametrize("name", builtin_registry().names("pooling"))
@pytest.mark.parametrize("mask", [None, MASK], ids=["whole", "masked"])
def test_poolings(name: str, mask: np.ndarray | None) -> None:
    check(lambda: lambda: build(Pooling.model_validate({"type": name}))(X, mask=mask))


SHORTER = {"transformer": 1000, "plain_attention": 1000, "recurrent": 20, "bidirectional": 20}
"""The scores of all pairs of positions, and steps one after the other, take time and memory."""


@pytest.mark.parametrize("name", builtin_registry().names("encoder"))
def test_blocks(name: str) -> None:
    length = SHORTER.get(name, LENGTH)
    block = Encoder.model_validate({"type": name})
    check(lambda: lambda: build(block)(X[:, :length], mask=MASK[:, -length:]))


def weights_of(pointed: Pointed) -> list[object]:
    return [tf.exp(pointed.log_weights), *([] if pointed.overlap is None else [pointed.overlap])]


def test_what_a_decoder_reads() -> None:
    check(lambda: lambda: CrossAttention(2, 4)(QUERIES, X, MASK))


@pytest.mark.parametrize("kind", [Pointer, CoveredPointer])
def test_pointers(kind: type[Pointer]) -> None:
    check(lambda: lambda: weights_of(kind(4)(QUERIES, X / 32, MASK)))


@pytest.mark.parametrize("name", builtin_registry().names("head"))
def test_likelihoods(name: str) -> None:
    def make() -> Compute:
        head = build(Head.model_validate({"type": name}), units=3)
        return lambda: head.nll(head(X, mask=MASK), np.zeros((2, LENGTH), np.int32), MASK)

    check(make)


def batch(**more: np.ndarray) -> dict[str, tf.Tensor]:
    ids = np.random.default_rng(2).integers(0, CHARACTERS, (2, LENGTH)).astype(np.int32)
    return {name: tf.constant(array) for name, array in {"char": ids, "mask": MASK, **more}.items()}


def large(model: keras.Model) -> None:
    """Embeddings around 30."""
    model.embedding.embeddings.assign(values(*model.embedding.embeddings.shape))


def tagger() -> Compute:
    spec = Couplet.model_validate({"task": "couplet", "model": {"embedding": {"dim": 4}, "encoder": [CONV]}})
    model = Tagger(spec.model, characters=CHARACTERS, labels=5, ngram_sizes={})
    large(model)
    given = batch(target=np.zeros((2, LENGTH), np.int32))
    return lambda: TaggingLearner(model, spec.loss).losses(given, 0, training=False)


def encoder() -> Compute:
    poolings = ["last", "mean", "max", "attention"]
    section = {"embedding": {"dim": 4, "ngrams": []}, "encoder": [], "pooling": poolings, "projection": 3}
    spec = Similarity.model_validate({"task": "similarity", "model": section})
    model = SentenceEncoder(spec.model, characters=CHARACTERS, ngram_sizes={}, longest=LENGTH)
    large(model)
    groups = {"group": np.array([0, 1], np.int32)}
    given = batch(**groups)
    return lambda: [model(given), SentenceLearner(model, spec.loss).losses(given, 0, training=False)]


def autoencoder() -> Compute:
    section = {"embedding": {"dim": 4}, "encoder": [CONV], "decoder": [CONV], "latent": 2, "width": 3}
    spec = Poem.model_validate({"task": "poem", "model": section})
    model = VariationalAutoencoder(spec.model, characters=CHARACTERS, length=LENGTH)
    large(model)
    given, noise = batch(), np.zeros((2, 1, 2), np.float32)

    def compute() -> list[object]:
        found = AutoencoderLearner(model, spec.loss).measure(given, noise)
        return [found["mean"], found["kl"], found["cross_entropy"]]

    return compute


def writer() -> Compute:
    section = {
        "embedding": {"dim": 4},
        "encoder": [CONV],
        "decoder": {"units": 4, "modulation": 4},
        "attention": {"heads": 2, "head_dim": 2},
        "pointer": 4,
    }
    loss = {"type": "sequence_cross_entropy", "coverage": 0.5}
    spec = Title.model_validate({"task": "title", "model": section, "loss": loss})
    model = Seq2Seq(spec.model, CHARACTERS, covered=True)
    large(model)
    title = np.array([[3, 4, CHARACTERS + 1], [5, CHARACTERS + 1, 0]], np.int32)
    given = batch(
        **{
            "prior.char": np.tile(np.arange(CHARACTERS, dtype=np.int32), (2, 1)),
            "prior.mask": np.ones((2, CHARACTERS), bool),
            "title.char": title,
            "title.mask": np.array([[1, 1, 1], [1, 1, 0]], bool),
        }
    )
    return lambda: Seq2SeqLearner(model, spec.loss).losses(given, 0, training=False)


CONV = {"type": "conv", "filters": 4}


@pytest.mark.parametrize("model", [tagger, encoder, autoencoder, writer])
def test_models(model: Callable[[], Compute]) -> None:
    check(model)
