"""Numbers of weights of the articles' networks, built from the layers."""

from __future__ import annotations

import keras
import pytest

from nlpx.components.encoders.bidirectional import Bidirectional
from nlpx.components.encoders.conv import Conv
from nlpx.components.encoders.gated_conv import GatedConv
from nlpx.components.encoders.plain_attention import PlainAttention
from nlpx.components.heads.softmax_layer import SoftmaxHead
from nlpx.core.build import build
from nlpx.layers.crf import CRF
from nlpx.layers.token_embedding import TokenEmbedding


def count(characters: int, *layers: keras.layers.Layer, width: int = 128) -> int:
    """Weights of a network over embeddings."""
    inputs = keras.Input((None,), dtype="int32")
    x = TokenEmbedding(characters, width)(inputs)
    for layer in layers:
        x = layer(x)
    return int(keras.Model(inputs, x).count_params())


@pytest.mark.parametrize("characters", [10, 5335])
def test_f25_couplet(characters: int) -> None:
    blocks = [build(GatedConv()) for _ in range(6)]
    assert count(characters, *blocks, SoftmaxHead(characters)) == 257 * characters + 591_360


def test_f25_segmentation() -> None:
    """The article's dense layer has a fifth output, for padding, that its CRF does not see."""
    crf = CRF(4)
    crf.build((None, None, 4))
    layers = [*(build(Conv()) for _ in range(3)), keras.layers.Dense(5)]
    assert count(5000, *layers) + crf.count_params() == 128 * 5000 + 148_501


def test_recurrent_tagger() -> None:
    assert count(5163, build(Bidirectional(merge="sum")), SoftmaxHead(5)) == 760_005


def test_attention_classifier() -> None:
    """On 20,000 words: the mean of 8 heads of width 16, and one logit."""
    assert count(20_000, build(PlainAttention(heads=8, size=16))) + 128 + 1 == 2_609_281


def test_f25_window_segmenter() -> None:
    """The weights of the article: an embedding, a dense layer on seven of them, and one more."""
    layers = build(Conv(filters=64, kernel_size=7)), SoftmaxHead(4)
    assert count(6383, *layers, width=64) == 437_508
