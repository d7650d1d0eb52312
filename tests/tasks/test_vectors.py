"""The task vectors from end to end: train, neighbours, files for other tasks; wrong input; exact resume."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import keras
import numpy as np
import pytest

from nlpx.components.optimizers.row_adagrad import RowAdagrad
from nlpx.config.load import load_experiment
from nlpx.data.samples import find
from nlpx.errors import ConfigError
from nlpx.tasks.vectors.predictor import VectorsPredictor
from nlpx.workflow.corpus import open_corpus
from tests.resume.runs import same
from tests.tasks.conftest import Command, nlpx
from tests.trained import TrainOnce

__all__ = ["nlpx"]

TINY = """\
task: vectors
data: {limit: 1500}
vocabulary: {min_count: 2}
model: {architecture: skip_gram, dim: 16, window: 4, subsampling: {threshold: 1e-2}}
train: {steps: 12, batch_size: 16, length: 16, evaluate_every: 6, log_every: 4}
checkpoint: {every: 4}
metrics: [nll, word_similarity, analogy]
samples: [饺子]
"""
TOPICS = (("牛肉", "白菜", "豆腐", "米饭", "面条", "土豆"), ("足球", "篮球", "教练", "比赛", "球员", "进球"))


@pytest.fixture(scope="module")
def trained(trained_once: TrainOnce) -> Path:
    """A finished run."""
    return trained_once(TINY).path


def test_what_a_run_leaves_and_the_reference(nlpx: Command, trained: Path) -> None:
    before = json.loads((trained / "eval" / "test.json").read_text("utf-8"))["metrics"]
    assert {"nll", "word_spearman", "analogy_accuracy", "analogy_coverage"} <= before.keys()
    assert before["word_coverage"] == 1
    table = (trained / "eval" / "test.analogies.tsv").read_text("utf-8").splitlines()
    assert [line.split("\t")[0] for line in table] == ["section", "capital", "family"]
    maps = sorted(path.name for path in (trained / "samples").iterdir())
    assert maps == ["step-00000006-map.svg", "step-00000012-map.svg"]
    result = json.loads(nlpx("eval", trained, "--reference", "--json").out)
    assert result["metrics"] == pytest.approx(before)
    (counted,) = result["references"].values()
    assert counted["word_spearman"] > 0.8 and counted["nll"] < 5.2


def test_neighbours(nlpx: Command, trained: Path) -> None:
    texts = ("--text", "饺子", "--text", "煮 饺子", "--text", "", "--text", "龘")
    lines = [
        json.loads(line) for line in nlpx("predict", trained, *texts, "--format", "jsonl").out.splitlines()
    ]
    assert [line["words"] for line in lines] == [["饺子"], ["煮", "饺子"], [], []]
    assert len(lines[0]["neighbours"]) == 10 and lines[2]["neighbours"] == []
    assert "error" not in lines[2] and lines[3]["error"].startswith("龘: no word of it has a vector")
    found = [near["word"] for near in lines[1]["neighbours"]]
    assert not {"煮", "饺子"} & set(found)
    cosines = [near["cosine"] for near in lines[0]["neighbours"]]
    assert cosines == sorted(cosines, reverse=True)
    shown = nlpx("predict", trained, *texts).out.splitlines()
    assert shown[0].startswith(f"{lines[0]['neighbours'][0]['word']} {cosines[0]:.3f} ") and shown[2:] == [
        "",
        "",
    ]
    frequent = nlpx("predict", trained, "--count", "3").out.splitlines()
    assert len(frequent) == 3 and all(": " in line for line in frequent)


def test_probe_draws_the_neighbourhood(nlpx: Command, trained: Path, tmp_path: Path) -> None:
    path = tmp_path / "map.npz"
    assert nlpx("probe", trained, "--layer", "map", "--text", "饺子", "--output", path).code == 0
    with np.load(path) as arrays:
        assert arrays["tap/map"].shape == (21, 2)
    assert "words" in nlpx("probe", trained, "--list").out
    assert nlpx("probe", trained, "--layer", "map", "--text", "龘").code == 2


@pytest.mark.parametrize("suffix", [".vec", ".bin", ".npz"])
def test_the_whole_way_round_to_another_task(
    nlpx: Command, trained: Path, tmp_path: Path, suffix: str
) -> None:
    """Vectors of characters are the initial embedding of a classifier."""
    from nlpx.data.vectors import read_vectors

    path = tmp_path / f"vectors{suffix}"
    shown = nlpx("predict", trained, "--output", path)
    assert (shown.code, shown.out) == (0, ""), shown.err
    with np.load(trained / "results" / "vectors.npz") as kept:
        tokens, vectors = kept["tokens"].tolist(), kept["vectors"]
    found = read_vectors(path, frozenset(tokens))
    np.testing.assert_array_equal([found[token] for token in tokens], vectors)
    if suffix == ".bin":
        config = tmp_path / "c.yaml"
        config.write_text(
            f"task: sentiment\ndata: {{limit: 60}}\ntrain: {{steps: 1}}\nmodel: {{embedding: {{dim: 16, "
            f"pretrained: {path.name}}}}}\n",
            encoding="utf-8",
        )
        shown = nlpx("train", config, "--output", tmp_path, "--name", "x")
        assert shown.code == 0, shown.err
        one = sum(len(token) == 1 for token in tokens)
        assert f"{path}: vectors of " in shown.text and one > 5
        assert "keep their initial weights" in shown.text


def test_a_map_of_words(nlpx: Command, trained: Path, tmp_path: Path) -> None:
    assert nlpx("predict", trained, "--output", tmp_path / "map.svg").code == 0
    assert (tmp_path / "map.svg").read_text("utf-8").count("<circle") == 150
    shown = nlpx("predict", trained, "--output", tmp_path / "map.jpg")
    assert shown.code == 2 and ".vec or .bin or .npz or .svg" in shown.text


def two_topics(folder: Path, count: int = 800) -> Path:
    """Sentences of one of two topics, with category, of words given by blanks."""
    rng = np.random.default_rng(0)
    lines = [
        f"{topic}\t"
        + " ".join(rng.choice(TOPICS[topic], 6).tolist() + rng.choice(["的", "了", "在"], 3).tolist())
        for topic in rng.integers(0, 2, count).tolist()
    ]
    path = folder / "topics.txt.gz"
    path.write_bytes(gzip.compress(("\r\n".join(lines) + "\r\n").encode("utf-8-sig")))
    return path


@pytest.mark.parametrize(
    "options",
    [
        "model.architecture=cbow",
        "model={architecture: skip_gram, shared: true}",
        "loss={type: sampled_softmax, negatives: 8, shared: row}",
        "loss=nce",
        "loss=cross_entropy",
    ],
)
def test_words_of_a_topic_are_closer_than_words_of_two(tmp_path: Path, options: str) -> None:
    from nlpx.engine.update import Update

    two_topics(tmp_path)
    config = tmp_path / "c.yaml"
    config.write_text(
        "task: vectors\n"
        "data: {source: {type: raw_text, train: topics.txt.gz, category: true, segment: blanks, holdout: 20}}\n"
        "model: {dim: 8, subsampling: ~}\n"
        "train: {batch_size: 8}\n",
        encoding="utf-8",
    )
    experiment = load_experiment(config, [options]).experiment
    corpus = open_corpus(experiment)
    prepared = corpus.prepare(print)
    keras.utils.set_random_seed(0)
    learner = experiment.learner(corpus.codec, prepared.vocabularies)
    predictor = experiment.predictor(corpus.codec, learner, prepared.vocabularies)
    assert isinstance(predictor, VectorsPredictor)
    batches = experiment.batches(prepared.items, learner, tmp_path)
    update = Update(learner, RowAdagrad(learning_rate=0.3).build(None))
    for number in range(4 * batches.updates_per_epoch):
        update(batches.update(*divmod(number, batches.updates_per_epoch)), number)
    vectors = predictor.vectors
    unit = [vectors.units[[vectors.ids[word] for word in topic]] for topic in TOPICS]
    inside = [float(u[i] @ u[j]) for u in unit for i in range(6) for j in range(i)]
    across = (unit[0] @ unit[1].T).ravel()
    assert min(inside) > across.max()


def test_resume_is_exact(nlpx: Command, trained_once: TrainOnce, tmp_path: Path) -> None:
    whole = trained_once(TINY).path
    killed = trained_once(TINY).killed(8, tmp_path)
    assert nlpx("train", "--resume", killed).code == 0
    same(whole, killed)
    for name in ("results/vectors.npz", "samples/step-00000012-map.svg"):
        assert (whole / name).read_bytes() == (killed / name).read_bytes()


@pytest.mark.parametrize(
    ("lines", "where", "told"),
    [
        (
            "data: {source: {type: raw_text, train: a, holdout: 1}}\nmetrics: [nll, analogy]",
            3,
            "set the file",
        ),
        ("model: {architecture: counts}", 2, "set train.steps: 1"),
        (
            "train: {steps: 1}\nmodel: {architecture: counts, bias: true}",
            3,
            "bias is an option of cbow and skip_gram, not of counts",
        ),
        ("model: {weighting: log}", 2, "weighting is an option of counts"),
        ("model: {architecture: skip_gram, context: sum}", 2, "context is an option of cbow"),
        ("loss: crf_nll", 2, "needs `crf_nll`"),
        ("model: {subsampling: {threshold: 0}}", 2, "expected more than 0"),
        ("metrics: [{type: analogy, file: absent.txt}]", 2, "absent.txt"),
        ("train: {buckets: [8]}", 2, "buckets"),
    ],
)
def test_configs_that_do_not_fit(tmp_path: Path, lines: str, where: int, told: str) -> None:
    (tmp_path / "c.yaml").write_text(f"task: vectors\n{lines}\n", encoding="utf-8")
    with pytest.raises(ConfigError) as error:
        load_experiment(tmp_path / "c.yaml")
    assert f"c.yaml:{where}:" in str(error.value) and told in str(error.value)


@pytest.mark.parametrize(
    ("content", "code", "told"),
    [
        (b"", 3, "the file is empty"),
        ("类\t甲 乙\n没有\n类\t\n".encode(), 3, "a.txt:2: no tab"),
        ("甲 乙".encode("gbk"), 3, "not UTF-8"),
        ("类\t甲 甲 甲 甲 甲\n类\t丁\n".encode(), 3, "has 1 words that occur vocabulary.min_count: 5 times"),
    ],
)
def test_wrong_input(nlpx: Command, tmp_path: Path, content: bytes, code: int, told: str) -> None:
    (tmp_path / "a.txt").write_bytes(content)
    (tmp_path / "c.yaml").write_text(
        "task: vectors\n"
        "data: {source: {type: raw_text, train: a.txt, valid: a.txt, category: true, segment: blanks}}\n",
        encoding="utf-8",
    )
    shown = nlpx("train", tmp_path / "c.yaml", "--output", tmp_path)
    assert shown.code == code and told in shown.text, shown.err


def test_the_sample_has_sentences_by_hand_of_known_words() -> None:
    sample = find("vectors")
    known = {word for row in sample.rows("train") for word in row.parts}
    for split in ("valid", "test"):
        written = [row.parts for row in sample.rows(split) if row.group == "written"]
        assert len(written) == 10
        words = [word for parts in written for word in parts]
        assert sum(word in known for word in words) > 0.7 * len(words)
