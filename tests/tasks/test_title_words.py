"""Headlines word by word: what is counted and encoded, and a run from end to end."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import nlpx as package
from nlpx.data.records import Article
from nlpx.tasks.title.codec import TitleCodec
from nlpx.tasks.title.config import Title
from nlpx.text.vocabulary import Vocabulary
from tests.tasks.conftest import Command

CONFIG = """\
task: title
data: {limit: 120, max_length: 60}
vocabulary: {unit: word, min_count: 2, min_word_count: 3}
model:
  embedding: {dim: 24}
  encoder: [{type: gated_conv, gate: residual_glu, normalize: true}]
  decoder: {units: 24, layers: 1, modulation: 8}
  attention: {heads: 2, head_dim: 8}
  pointer: 16
  coverage: 0.5
optimizer: {type: adam, learning_rate: 1e-2}
train: {epochs: 3, batch_size: 32, buckets: [60], log_every: 2, evaluate_every: 12}
decode: {type: beam, size: 2, max_length: 16}
"""
ROW = Article("a:1", "图书馆开放", "新图书馆正式开放。图书馆很大。")


def task(data: dict[str, object] | None = None, **vocabulary: object) -> TitleCodec:
    config = {"task": "title", "data": data or {}, "vocabulary": {"unit": "word", **vocabulary}}
    return TitleCodec.of(Title.model_validate(config))


def test_words_of_articles_and_titles_are_counted_beside_all_characters() -> None:
    subject = task(min_count=4, min_word_count=7, max_size=9)
    counted = {name: list(tokens) for name, tokens in subject.count(ROW).items()}
    assert counted["char"] == list(ROW.content + ROW.title)
    assert counted["word"].count("图书馆") == 3
    assert min(map(len, counted["word"])) == 2
    assert (subject.min_counts, subject.max_sizes) == ({"char": 4, "word": 7}, {"char": 9, "word": None})


def test_a_row_is_words_and_the_characters_of_others() -> None:
    subject = task({"max_length": 7})
    characters = Vocabulary(["<unk>", *sorted(set(ROW.content[:7] + ROW.title) - {"式"})])
    vocabularies = {"char": characters, "word": Vocabulary(["<unk>", "图书馆", "开放"])}
    tokens = subject.spelling(vocabularies).tokens
    features = subject.features(ROW.content, vocabularies, ROW.title)
    assert [tokens[i] for i in features["char"]] == ["新", "图书馆", "正", "<unk>", "开"]
    assert [tokens[i] for i in features["title.char"][:-1]] == ["图书馆", "开放"]
    assert features["title.char"][-1] == len(tokens) + 1
    assert features["prior.char"].tolist() == np.unique(features["char"]).tolist()


def test_a_vocabulary_without_words_gives_what_characters_give() -> None:
    characters = Vocabulary(["<unk>", *"图书馆市"])
    plain = TitleCodec.of(Title.model_validate({"task": "title"}))
    expected = plain.features(ROW.content, {"char": characters}, ROW.title)
    found = task().features(ROW.content, {"char": characters, "word": Vocabulary(["<unk>"])}, ROW.title)
    for name, values in expected.items():
        np.testing.assert_array_equal(found[name], values)


def test_the_unit_decides_what_the_cache_holds() -> None:
    plain = TitleCodec.of(Title.model_validate({"task": "title"}))
    assert plain.cache_key() != task().cache_key()
    assert plain.min_counts != task().min_counts
    assert task(min_count=3).min_counts == task(min_count=3, min_word_count=3).min_counts
    assert task().min_counts != task(min_word_count=6).min_counts


def test_counting_words_where_there_are_none(nlpx: Command, tmp_path: Path) -> None:
    (tmp_path / "c.yaml").write_text(CONFIG, encoding="utf-8")
    shown = nlpx("check", tmp_path / "c.yaml", "--set", "vocabulary.unit=char")
    assert shown.code == 2
    assert (
        "c.yaml:3:13: error C109: vocabulary: min_word_count counts words, and the unit is char" in shown.text
    )


def test_a_run_from_end_to_end(nlpx: Command, tmp_path: Path) -> None:
    """It learns, answers in words that are known, and its nll is that of a character."""
    (tmp_path / "c.yaml").write_text(CONFIG, encoding="utf-8")
    shown = nlpx("train", tmp_path / "c.yaml", "--output", tmp_path / "runs", "--name", "words")
    assert shown.code == 0, shown.err
    run = tmp_path / "runs" / "title" / "words"
    records = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
    losses = [record["train/loss"] for record in records if "train/loss" in record]
    assert losses[-1] < 0.8 * losses[0]
    lines = (run / "eval" / "test.predictions.jsonl").read_text(encoding="utf-8").splitlines()
    examples = [json.loads(line) for line in lines]
    assert all(example["characters"] == len(example["reference"]) + 1 for example in examples)
    metrics = json.loads((run / "eval" / "test.json").read_text(encoding="utf-8"))["metrics"]
    sums = [sum(example[name] for example in examples) for name in ("nll", "characters")]
    assert metrics["nll"] == pytest.approx(sums[0] / sums[1])
    text = "今天，银溪市图书馆正式建成并对外开放。" * 9
    model = package.load(run)
    (alone,) = model.predict([text])
    title = alone.fields["title"]
    assert title
    assert "<unk>" not in str(title)
    among = model.predict(["短", "", text[:60]])
    assert [each.fields["title"] for each in among[1:]] == ["", title]


@pytest.mark.parametrize("other", ["couplet", "segmentation", "similarity", "poem", "dogs"])
def test_other_tasks_have_no_words(nlpx: Command, tmp_path: Path, other: str) -> None:
    (tmp_path / "c.yaml").write_text(f"task: {other}\nvocabulary: {{unit: word}}\n", encoding="utf-8")
    shown = nlpx("check", tmp_path / "c.yaml")
    assert shown.code == 2
    assert "c.yaml:2:20: error C104: vocabulary.unit" in shown.text
    assert "expected char" in shown.text
