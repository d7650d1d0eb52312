"""Classes of texts from the command line, the sizes of the original networks, and the references."""

from __future__ import annotations

import json
import math
import shutil
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from nlpx.components.encoders.conv import Conv
from nlpx.components.encoders.plain_attention import PlainAttention
from nlpx.components.encoders.recurrent import Recurrent
from nlpx.components.metrics.class_accuracy import ClassAccuracy
from nlpx.components.poolings.last import Last
from nlpx.components.poolings.max import Max
from nlpx.components.poolings.mean import Mean
from nlpx.components.sources.labelled_texts import LabelledText
from nlpx.data.grammar import read_sections
from nlpx.data.samples import find
from nlpx.models.text_classifier import TextClassifier
from nlpx.specs.embedding import EmbeddingSection
from nlpx.specs.text_classifier import TextClassifierSection
from nlpx.tasks.sentiment.config import Sentiment
from nlpx.tasks.sentiment.ngram_tfidf import NgramTfidf
from nlpx.tasks.sentiment.predictor import ClassPredictor
from nlpx.tasks.sentiment.sample.sentiment import HERE
from tests.tasks.conftest import Command
from tests.trained import TrainOnce

TINY = """\
task: sentiment
data: {limit: 800}
vocabulary: {min_count: 1}
model:
  embedding: {dim: 32, ngrams: [{size: 2, dim: 16, min_count: 2}]}
  pooling: [mean]
loss: binary_cross_entropy
optimizer: {type: adam, learning_rate: 2e-2}
train: {epochs: 4, batch_size: 32, log_every: 10}
samples: [虽然房间不大，但是非常干净。]
"""
LSTM = TextClassifierSection(
    embedding=EmbeddingSection(dim=128), encoder=[Recurrent(cell="lstm", units=128)], pooling=[Last()]
)
CNN = TextClassifierSection(
    embedding=EmbeddingSection(dim=50),
    encoder=[Conv(filters=250, kernel_size=3)],
    pooling=[Max()],
    hidden=250,
)
ATTENTION = TextClassifierSection(
    embedding=EmbeddingSection(dim=128), encoder=[PlainAttention(heads=8, size=16)], pooling=[Mean()]
)


@pytest.mark.parametrize(
    ("section", "characters", "parameters"),
    [(LSTM, 20_000, 2_691_713), (CNN, 5_000, 350_751), (ATTENTION, 20_000, 2_609_281)],
)
def test_f25_networks_of_the_articles(
    section: TextClassifierSection, characters: int, parameters: int
) -> None:
    model = TextClassifier(section, characters=characters, ngram_sizes={}, classes=2)
    assert model.count_params() == parameters


@pytest.fixture(scope="module")
def trained(trained_once: TrainOnce) -> Path:
    return trained_once(TINY).path


@pytest.fixture
def own(trained: Path, tmp_path: Path) -> Path:
    """A copy that a test may break."""
    return Path(shutil.copytree(trained, tmp_path / "tiny"))


def test_it_learns_and_eval_repeats_it_beside_the_references(nlpx: Command, own: Path) -> None:
    before = json.loads((own / "eval" / "test.json").read_text("utf-8"))["metrics"]
    assert before["generated/accuracy"] > 0.7
    assert {
        "written/accuracy",
        "macro_f1",
        "auc",
        "nll",
        "calibration_error",
        "macro_accuracy",
    } <= before.keys()
    assert "main_accuracy" not in before
    shown = nlpx("eval", own, "--reference", "--errors", "2", "--json")
    assert shown.code == 0, shown.err
    result = json.loads(shown.out)
    assert result["metrics"] == pytest.approx(before)
    majority, regression = result["references"].values()
    assert list(result["references"]) == ["majority", "tf-idf + logistic regression"]
    assert majority["auc"] == 0.5 and majority["accuracy"] < 0.6
    assert regression["generated/accuracy"] > 0.7
    assert "L2 with C =" in result["signatures"]["tf-idf + logistic regression"]
    table = (own / "eval" / "test.classes.tsv").read_text("utf-8").splitlines()
    assert [line.split("\t")[0] for line in table] == ["class", "好评", "差评"]


def test_the_threshold_is_kept_and_decides(nlpx: Command, own: Path) -> None:
    kept = json.loads((own / "calibration.json").read_text("utf-8"))
    assert 0 < kept["threshold"] < 1
    texts = ("--text", "房间很干净，值得推荐。", "--text", "", "--text", "😀龘")
    lines = nlpx("predict", own, *texts, "--format", "jsonl").out.splitlines()
    first, blank, _ = map(json.loads, lines)
    assert first["class"] == first["classes"][0]["class"]
    assert sum(each["probability"] for each in first["classes"]) == pytest.approx(1)
    assert (blank["class"], blank["classes"]) == (None, [])
    for threshold, expected in ((1e-6, "差评"), (0.999999, "好评")):
        shown = nlpx("predict", own, *texts, "--format", "jsonl", "--set", f"decode.threshold={threshold:f}")
        assert json.loads(shown.out.splitlines()[0])["class"] == expected
    (own / "calibration.json").write_text('{"threshold": 2}')
    assert "threshold is 2" in nlpx("predict", own, *texts).text


def test_more_than_two_classes(nlpx: Command, tmp_path: Path) -> None:
    rows = [row.parts for row in find("sentiment").rows("train")[:90]]
    lines = [f"{('甲', '乙', '丙')[i % 3]}\t{text}\n" for i, (_, text) in enumerate(rows)]
    (tmp_path / "a.tsv").write_text("".join(lines), encoding="utf-8")
    config = tmp_path / "c.yaml"
    source = "data: {source: {type: labelled_texts, train: a.tsv, holdout: 15}}\n"
    config.write_text(
        f"task: sentiment\n{source}train: {{epochs: 1}}\nloss: soft_truncated\n", encoding="utf-8"
    )
    assert nlpx("train", config, "--output", tmp_path, "--name", "x").code == 0
    run = tmp_path / "sentiment" / "x"
    assert not (run / "calibration.json").exists()
    metrics = json.loads(nlpx("eval", run, "--split", "valid", "--reference", "--json").out)
    assert {"accuracy", "auc"} <= metrics["references"]["tf-idf + logistic regression"].keys()
    shown = nlpx("train", config, "--output", tmp_path, "--set", "loss=binary_cross_entropy")
    assert shown.code == 3
    assert "has 3 classes (丙, 乙, 甲), and the loss binary_cross_entropy requires two" in shown.text
    (tmp_path / "a.tsv").write_text("".join(line for line in lines if line[0] == "甲"), encoding="utf-8")
    shown = nlpx("train", config, "--output", tmp_path)
    assert shown.code == 3
    assert "the training split has one class, 甲. Expected at least two." in shown.text


class Even(ClassPredictor):
    """Two classes with the same probability."""

    classes = ("a", "b")

    def probabilities(self, texts: Sequence[str]) -> np.ndarray:
        return np.full((len(texts), 2), 0.5)


def test_a_class_that_the_model_does_not_know_is_never_correct() -> None:
    metric = ClassAccuracy()
    for label, expected in (
        ("a", {"accuracy": 0, "top_5_accuracy": 1}),
        ("c", dict.fromkeys(["accuracy", "top_5_accuracy"], 0)),
    ):
        (example,) = Even(Sentiment.model_validate({"task": "sentiment"})).examples(
            [LabelledText("here", label, "text")], known=()
        )
        assert {name: int(value[0]) for name, value in metric.terms(example).items()} == expected


def test_tf_idf_by_hand() -> None:
    tfidf = NgramTfidf(["甲乙甲", "甲乙", "丙"], 2)
    once, twice = math.log(4 / 3) + 1, (1 + math.log(2)) * (math.log(4 / 3) + 1)
    # 甲 and 甲乙 occur in two texts, as does 乙; 乙甲 and 丙 are too rare.
    expected = np.array([[twice, once, once], [0, 0, 0]])
    found = tfidf(["甲乙甲", "丙丁"]).toarray()
    np.testing.assert_allclose(found, expected / np.linalg.norm(expected[0]))


def test_the_sample_has_rows_by_hand_that_the_generator_cannot_make() -> None:
    sample = find("sentiment")
    texts = {split: {row.parts[1] for row in sample.rows(split)} for split in ("train", "valid", "test")}
    assert not texts["train"] & (texts["valid"] | texts["test"]) and not texts["valid"] & texts["test"]
    sections = {**read_sections(HERE / "aspects.txt"), **read_sections(HERE / "phrases.txt")}
    words = [word for lines in sections.values() for line in lines for word in line.items]
    listed = {word[i : i + 4] for word in words for i in range(len(word) - 3)}
    for split, expected in (("valid", 80), ("test", 60)):
        by_hand = [row.parts for row in sample.rows(split) if row.group == "written"]
        assert Counter(label for label, _ in by_hand) == {"好评": expected // 2, "差评": expected // 2}
        assert [text for _, text in by_hand if listed & {text[i : i + 4] for i in range(len(text))}] == []
