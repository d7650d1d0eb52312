"""Headlines from end to end: what a user sees, what goes wrong, and exact resuming."""

from __future__ import annotations

import json
import math
import shutil
from pathlib import Path

import pytest

import nlpx as package
from nlpx.data.records import Article
from nlpx.tasks.title.codec import TitleCodec
from nlpx.tasks.title.config import Title
from nlpx.tasks.title.predictor import LeadPredictor
from nlpx.text.vocabulary import Vocabulary
from tests.resume.runs import same
from tests.tasks.conftest import Command
from tests.tasks.test_end_to_end import STRANGE
from tests.trained import TrainOnce

CONFIG = """\
task: title
data: {limit: 120, max_length: 100}
vocabulary: {min_count: 2}
model:
  embedding: {dim: 24}
  encoder: [{type: gated_conv, gate: residual_glu, normalize: true}]
  decoder: {units: 24, layers: 1, modulation: 8}
  attention: {heads: 2, head_dim: 8}
  pointer: 16
  noise: {rows: 0.5, tokens: 0.1}
optimizer: {type: adam, learning_rate: 1e-2}
train: {epochs: 3, batch_size: 32, buckets: [100], log_every: 2, evaluate_every: 12}
checkpoint: {every: 3}
decode: {type: beam, size: 2, max_length: 24}
metrics: [rouge, bleu, nll, copying]
samples: [今天，银溪市图书馆正式建成并对外开放。]
"""
LONG = "今天，银溪市图书馆正式建成并对外开放。" * 30


@pytest.fixture(scope="module")
def trained(trained_once: TrainOnce) -> Path:
    return trained_once(CONFIG).path


@pytest.fixture
def tiny(trained: Path, tmp_path: Path) -> Path:
    """A copy of the run that a test may break."""
    return Path(shutil.copytree(trained, tmp_path / "tiny"))


def task(**data: object) -> TitleCodec:
    return TitleCodec.of(Title.model_validate({"task": "title", "data": data}))


def test_training_learns_and_reports(trained: Path) -> None:
    records = [json.loads(line) for line in (trained / "metrics.jsonl").read_text().splitlines()]
    losses = [record["train/loss"] for record in records if "train/loss" in record]
    assert losses[-1] < 0.8 * losses[0]
    metrics = json.loads((trained / "eval" / "test.json").read_text(encoding="utf-8"))["metrics"]
    names = {
        "rouge_1",
        "rouge_2",
        "rouge_l",
        "bleu",
        "nll",
        "copy_rate",
        "novel_bigrams",
        "repeated_trigrams",
        "without_end",
    }
    assert names <= metrics.keys()
    assert 0 < metrics["rouge_1"] <= 100


def test_eval_repeats_the_numbers_and_shows_the_lead(nlpx: Command, tiny: Path) -> None:
    before = json.loads((tiny / "eval" / "test.json").read_text(encoding="utf-8"))["metrics"]
    shown = json.loads(nlpx("eval", tiny, "--reference", "--json").out)
    assert shown["metrics"] == pytest.approx(before)
    lead = shown["references"]["lead_30"]
    assert (lead["copy_rate"], lead["without_end"], "nll" in lead) == (1, 0, False)
    lines = (tiny / "eval" / "test.predictions.jsonl").read_text(encoding="utf-8").splitlines()
    assert {"article", "reference", "answer", "finished"} <= json.loads(lines[0]).keys()
    assert "→" in nlpx("eval", tiny, "--split", "valid", "--errors", "1").out


def test_predict_answers_every_line(nlpx: Command, tiny: Path) -> None:
    lines = [text for text in [*STRANGE, LONG] if "\t" not in text]
    shown = nlpx("predict", tiny, "--input", "-", "--format", "jsonl", stdin="\n".join(lines).encode())
    assert shown.code == 0
    records = [json.loads(line) for line in shown.out.splitlines()]
    assert [record["text"] for record in records] == lines
    for record in records:
        assert len(record["title"]) <= 24
        assert bool(record["title"]) == bool(record["text"].strip())
        assert "<unk>" not in record["title"]


def test_predict_reads_the_beginning_alone_and_among_others(trained: Path) -> None:
    model = package.load(trained)
    (alone,) = model.predict([LONG[:100]])
    assert model.predict(["短", LONG, "春风"])[1].text == alone.text


def test_samples_are_drawn_alike_in_every_batch(tiny: Path) -> None:
    resolved = (tiny / "resolved.yaml").read_text(encoding="utf-8")
    start = resolved.index("decode:")
    stop = resolved.index("\nlead:", start)
    drawn = resolved[:start] + "decode: {type: sample, seed: 5, max_length: 24}" + resolved[stop:]
    (tiny / "resolved.yaml").write_text(drawn, encoding="utf-8")
    model = package.load(tiny)
    (alone,) = model.predict([LONG])
    assert model.predict(["短", LONG])[1].text == alone.text


def test_a_killed_run_goes_on_exactly(nlpx: Command, trained_once: TrainOnce, tmp_path: Path) -> None:
    whole = trained_once(CONFIG)
    killed = whole.killed(8, tmp_path)
    shown = nlpx("train", "--resume", killed)
    assert shown.code == 0, shown.err
    assert "resuming after step 6" in shown.err
    same(whole.path, killed)


def test_data_commands(nlpx: Command, tmp_path: Path) -> None:
    (tmp_path / "c.yaml").write_text(CONFIG, encoding="utf-8")
    stats = nlpx("data", "stats", tmp_path / "c.yaml")
    assert (stats.code, "train" in stats.out) == (0, True)
    preview = nlpx("data", "preview", tmp_path / "c.yaml")
    assert (preview.code, "title.char:" in preview.out, "prior.char:" in preview.out) == (0, True, True)


def test_features_of_a_row() -> None:
    subject = task(max_length=5)
    vocabulary = {"char": Vocabulary(["<unk>", "甲", "乙", "丙"])}
    features = subject.features("乙甲丁乙甲丙", vocabulary, "丙丁")
    assert {name: values.tolist() for name, values in features.items()} == {
        "char": [2, 1, 0, 2, 1],
        "prior.char": [0, 1, 2],
        "title.char": [3, 0, 5],
    }
    assert {values.dtype.name for values in features.values()} == {"int32"}


def test_rows_that_cannot_be_used() -> None:
    subject = task(max_title=3)
    assert subject.check(Article("a:1", "甲", " ")) == "the article is empty"
    assert subject.check(Article("a:1", "", "子")) == "the title is empty"
    assert subject.check(Article("a:1", "甲", "子")) is None
    assert subject.keeps(Article("a:1", "甲乙丙", "子"))
    assert not subject.keeps(Article("a:1", "甲乙丙丁", "子"))


def test_all_that_changes_the_arrays_is_in_the_key() -> None:
    changes: list[dict[str, object]] = [
        {},
        {"max_length": 5},
        {"max_title": 5},
        {"normalize": {"width": "half"}},
    ]
    assert len({repr(task(**change).cache_key()) for change in changes}) == 4


def test_the_lead_is_the_beginning() -> None:
    example = LeadPredictor(2).examples([Article("a:1", "甲", "子丑寅", group="brief")], set())[0]
    assert (example.answer, example.group, example.characters) == ("子丑", ("brief",), 2)
    assert math.isnan(example.nll)
    assert LeadPredictor(2).predict([" 子丑寅"])[0].text == "子丑"


GOOD = '{"title": "甲", "content": "子", "kind": "full"}\n'


@pytest.mark.parametrize(
    ("rows", "more", "expected"),
    [
        ('{"title": "甲", "content": ""}\n', "", "n.jsonl:1: the article is empty"),
        (GOOD + '{"title": " ", "content": "子"}\n', "", "n.jsonl:2: the title is empty"),
        ('{"title": "甲"}\n', "", "n.jsonl:1: the field content is missing; expected a text"),
        (GOOD + '["甲", "子"]\n', "", 'n.jsonl:2: no JSON object; expected {"title": ..., "content": ...}'),
        ("甲\t子\n", "", "n.jsonl:1: not JSON: Expecting value at character 1"),
        (
            GOOD,
            "where: {kind: brief}",
            "n.jsonl: data.source.where leaves nothing: no article has what it asks for",
        ),
        (
            GOOD,
            "where: {kin: full}",
            "has the field kin; expected one of title, content, kind. Fix the filter",
        ),
        (
            GOOD.replace("甲", "甲乙丙丁"),
            "",
            "of 1 row, 0 are bad and 1 longer or shorter than the section data",
        ),
        ("", "", "n.jsonl: the file is empty"),
    ],
)
def test_bad_data_is_named(nlpx: Command, tmp_path: Path, rows: str, more: str, expected: str) -> None:
    (tmp_path / "n.jsonl").write_text(rows, encoding="utf-8")
    source = f"{{type: articles, train: n.jsonl, valid: n.jsonl, {more}}}"
    config = f"task: title\ndata: {{source: {source}, max_title: 3}}\n"
    (tmp_path / "c.yaml").write_text(config, encoding="utf-8")
    shown = nlpx("train", tmp_path / "c.yaml", "--output", tmp_path / "runs")
    assert shown.code == 3
    assert expected in shown.text
    assert not (tmp_path / "runs").exists()


def test_long_titles_are_left_out_and_long_articles_are_cut(nlpx: Command, tmp_path: Path) -> None:
    rows = [{"title": "甲" * n, "content": "子丑寅卯" * 5} for n in (3, 4)]
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    (tmp_path / "n.jsonl").write_text(text, encoding="utf-8")
    source = "{type: articles, train: n.jsonl, valid: n.jsonl}"
    config = f"task: title\ndata: {{source: {source}, max_title: 3, max_length: 6}}\nvocabulary: {{min_count: 1}}\n"
    (tmp_path / "c.yaml").write_text(config, encoding="utf-8")
    counts = json.loads(nlpx("data", "check", tmp_path / "c.yaml", "--json").out)["splits"]["train"]
    assert counts == {"rows": 2, "bad": 0, "left_out": 1}
    preview = json.loads(nlpx("data", "preview", tmp_path / "c.yaml", "--json").out)
    assert len(preview) == 1
    assert len(preview[0]["items"][0]["char"]) == 6


@pytest.mark.parametrize("text", ["", " ", "\u3000"])
def test_an_empty_article_has_an_empty_headline(nlpx: Command, tiny: Path, text: str) -> None:
    shown = nlpx("predict", tiny, "--text", text, "--format", "jsonl")
    assert (shown.code, json.loads(shown.out)["title"]) == (0, "")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("loss: cross_entropy", "expected the loss sequence_cross_entropy"),
        ("decode: viterbi", "which the task title does not give; expected the decoder beam or sample"),
        ("metrics: [word_f1, rouge]", "which the task title does not give; expected one of the metrics"),
        ("data: {source: {type: builtin, name: couplet}}", "the task reads article records"),
        ("model: {encoder: [{type: gated_conv, filters: 5}]}", "a gate adds the input, which is 128 wide"),
        ("model: {embedding: {ngrams: [{size: 2}]}}", "at most 0 items"),
        (
            "model: {pointer: null, coverage: 1.0}",
            "c.yaml:2:34: error C217: loss.coverage: coverage requires a pointer",
        ),
        ("model: {coverage: -1}", "the integer -1, expected at least 0"),
        ("decode: {type: sample, top_p: 0}", "more than 0"),
        ("decode: {type: beam, min_length: 9, max_length: 9}", "no text can end: min_length is 9"),
    ],
)
def test_wrong_configs(nlpx: Command, tmp_path: Path, text: str, expected: str) -> None:
    (tmp_path / "c.yaml").write_text(f"task: title\n{text}\n", encoding="utf-8")
    shown = nlpx("check", tmp_path / "c.yaml")
    assert shown.code == 2
    assert expected in shown.text
