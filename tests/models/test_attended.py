"""How much of the attention of a text classifier each position gets, in the model and in its export."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from nlpx.data.items import Field
from nlpx.exported.text_classifier import ExportedTextClassifier
from nlpx.layers.taps import recording
from nlpx.models.text_classifier import TextClassifier, TextClassifierLearner
from nlpx.specs.text_classifier import TextClassifierSection

KINDS: dict[str, dict[str, Any]] = {
    "pooling": {"pooling": ["attention"]},
    "encoder": {"encoder": [{"type": "plain_attention", "heads": 2, "size": 3}], "pooling": ["mean"]},
    "transformer": {"encoder": [{"type": "transformer", "heads": 2}], "pooling": ["max"]},
    "none": {"pooling": ["mean"]},
}
LENGTHS = (5, 2)
BATCH = {
    "char": np.array([[3, 1, 4, 1, 5], [2, 6, 0, 0, 0]], np.int32),
    "mask": np.arange(5) < np.array(LENGTHS)[:, None],
}


def learner(kind: str) -> TextClassifierLearner:
    from nlpx.components.losses.cross_entropy import CrossEntropy

    keras.utils.set_random_seed(1)
    spec = TextClassifierSection.model_validate({"embedding": {"dim": 8}, **KINDS[kind]})
    return TextClassifierLearner(
        TextClassifier(spec, characters=9, ngram_sizes={}, classes=3), CrossEntropy()
    )


@pytest.mark.parametrize("kind", ["pooling", "encoder", "transformer"])
def test_shares_are_those_of_the_layer(kind: str) -> None:
    subject = learner(kind)
    found = subject.attention(BATCH)
    assert found.sum(1) == pytest.approx([1, 1], abs=1e-5)
    assert found[1, 2:] == pytest.approx(np.zeros(3), abs=1e-6)
    with recording() as taps:
        subject.model({name: tf.constant(each) for name, each in BATCH.items()})
    (weights,) = (np.array(tensor) for name, tensor in taps.items() if name.endswith("/weights"))
    for row, length in enumerate(LENGTHS):
        own = weights[row, :, 0] if kind == "pooling" else weights[row][:, :length].mean((0, 1))
        assert found[row] == pytest.approx(own, abs=1e-6)


@pytest.mark.parametrize("kind", KINDS)
def test_an_export_computes_it_when_it_is_asked_for(kind: str, tmp_path: Path) -> None:
    pytest.importorskip("tf2onnx")
    from nlpx.workflow.onnx_graphs import write_onnx

    subject = learner(kind)
    made = subject.exportable({"char": Field()})
    graphs = {name: write_onnx(name, graph, tmp_path) for name, graph in made.graphs.items()}
    exported = ExportedTextClassifier(graphs, made.constants)
    np.testing.assert_allclose(exported.probabilities(BATCH)[0], subject.probabilities(BATCH)[0], atol=1e-5)
    assert len(graphs["probabilities"](BATCH)) == 1
    assert exported.attends is subject.attends is (kind != "none")
    if exported.attends:
        np.testing.assert_allclose(exported.attention(BATCH), subject.attention(BATCH), atol=1e-5)
