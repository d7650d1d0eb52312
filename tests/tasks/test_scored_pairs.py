"""Similarity learned from scored pairs, from the command line."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import stats

from nlpx.data.batching import collate
from nlpx.data.items import MAIN, EncodedItems
from nlpx.data.records import ScoredPair
from nlpx.tasks.similarity.codec import PairCodec
from nlpx.tasks.similarity.config import Similarity
from nlpx.text.vocabulary import Vocabulary
from tests.tasks.conftest import Command, Shown
from tests.trained import TrainOnce

CONFIG = """\
task: similarity
data: {source: {type: builtin, name: similarity_pairs}, limit: 600}
model:
  embedding: {dim: 16, dropout: 0.2, ngrams: [{size: 2, dim: 16, min_count: 2, dropout: 0.1}]}
  projection: 16
loss: cosent
optimizer: {type: adam, learning_rate: 5e-3}
train: {epochs: 4, batch_size: 64, buckets: [9, 48], log_every: 2}
checkpoint: {monitor: valid/spearman}
decode: {type: nearest, neighbours: 3, lexical: learned}
metrics: [correlation]
samples: ["怎样处理旧电脑\\t旧电脑怎么处理", 怎样处理旧电脑]
"""


@pytest.fixture(scope="module")
def trained(trained_once: TrainOnce) -> Path:
    return trained_once(CONFIG).path


@pytest.fixture
def own(trained: Path, tmp_path: Path) -> Path:
    """A copy that a test may break."""
    return Path(shutil.copytree(trained, tmp_path / "tiny"))


def predictions(folder: Path) -> list[dict[str, Any]]:
    lines = (folder / "eval" / "test.predictions.jsonl").read_text("utf-8").splitlines()
    return [json.loads(line) for line in lines]


def test_it_learns_and_eval_repeats_it(nlpx: Command, own: Path) -> None:
    records = [json.loads(line) for line in (own / "metrics.jsonl").read_text("utf-8").splitlines()]
    found = [record["valid/spearman"] for record in records if "valid/spearman" in record]
    assert found[-1] > found[0] > 0
    before = json.loads((own / "eval" / "test.json").read_text("utf-8"))["metrics"]
    shown = nlpx("eval", own, "--reference", "--json")
    assert shown.code == 0, shown.err
    result = json.loads(shown.out)
    assert result["metrics"] == pytest.approx(before)
    assert {"spearman", "pearson", "written/spearman", "generated/pearson"} <= before.keys()
    assert 0.3 < result["references"]["tf-idf"]["spearman"] < 1


def test_predictions_give_the_metric_and_the_cosine_that_predict_gives(nlpx: Command, own: Path) -> None:
    rows = predictions(own)
    metrics = json.loads((own / "eval" / "test.json").read_text("utf-8"))["metrics"]
    columns = [[row[name] for row in rows] for name in ("score", "answer")]
    assert stats.spearmanr(*columns).statistic == pytest.approx(metrics["spearman"], abs=1e-6)
    texts = [f"{row['first']}\t{row['second']}" for row in rows[:20]]
    texts += [f"{row['second']}\t{row['first']}" for row in rows[:20]]
    (own / "in.txt").write_text("\n".join(texts), encoding="utf-8")
    # What a term weighs is told by the sentences measured there, by those searched here.
    sentences = dict.fromkeys(text for row in rows for text in (row["first"], row["second"]))
    (own / "faq.txt").write_text("\n".join(sentences), encoding="utf-8")
    asked = ["--input", own / "in.txt", "--corpus", own / "faq.txt", "--format", "jsonl"]
    answered = [json.loads(line)["score"] for line in nlpx("predict", own, *asked).out.splitlines()]
    np.testing.assert_allclose(answered, [row["answer"] for row in rows[:20]] * 2, atol=1e-5)


def test_errors_are_the_pairs_that_are_ranked_farthest_off(nlpx: Command, own: Path) -> None:
    lines = nlpx("eval", own, "--errors", "2").out.splitlines()[-2:]
    assert all("|" in line and "among all pairs" in line for line in lines)
    worst = max(predictions(own), key=lambda row: abs(row["off"]))
    assert f"{worst['first']} | {worst['second']}" in lines[0]


def test_predict_names_neighbours_and_scores_pairs(nlpx: Command, own: Path) -> None:
    known = (own / "index" / "sentences.txt").read_text("utf-8").splitlines()[:-1]
    assert len(known) == len(set(known))
    texts = [known[7], f"{known[7]}\t{known[7]}", "", "\t", "甲\t乙\t丙"]
    asked = [word for text in texts for word in ("--text", text)]
    shown = nlpx("predict", own, *asked, "--format", "jsonl")
    assert shown.code == 3
    assert "error: 2 tabs; expected one between two sentences to compare, or none" in shown.text
    near, same, blank, nothing, _ = (json.loads(line) for line in shown.out.splitlines())
    assert near["neighbours"][0]["text"] == known[7]
    assert len(near["neighbours"]) == 3
    for name in ("score", "cosine"):
        assert same[name] == pytest.approx(near["neighbours"][0][name], abs=1e-5)
    assert blank["neighbours"] == []
    assert nothing["score"] == 0
    assert nlpx("predict", own, "--text", f"{known[7]}\t{known[7]}").out == f"{same['score']:.3f}\n"


def test_predict_searches_a_file(nlpx: Command, own: Path, tmp_path: Path) -> None:
    (tmp_path / "faq.txt").write_text("冰箱怎么清洗\n护照丢了怎么办\n", encoding="utf-8")
    shown = nlpx(
        "predict", own, "--corpus", tmp_path / "faq.txt", "--text", "护照遗失了", "--format", "jsonl"
    )
    found = [neighbour["text"] for neighbour in json.loads(shown.out)["neighbours"]]
    assert found == ["护照丢了怎么办", "冰箱怎么清洗"]


def test_the_weight_of_the_lexical_part_is_the_one_that_ranks_valid_best(nlpx: Command, own: Path) -> None:
    (path,) = (own / "index").glob("*.json")
    learned = json.loads(path.read_text("utf-8"))["lexical"]
    best = nlpx("eval", own, "--split", "valid", "--json").out
    found = {}
    for weight in (0.0, 1.0):
        path.write_text(json.dumps({"lexical": weight}), encoding="utf-8")
        found[weight] = json.loads(nlpx("eval", own, "--split", "valid", "--json").out)["metrics"]["spearman"]
    assert max(found.values()) <= json.loads(best)["metrics"]["spearman"] + 1e-9
    path.unlink()
    assert nlpx("eval", own, "--split", "valid", "--json").out == best
    assert json.loads(path.read_text("utf-8"))["lexical"] == learned


@pytest.mark.parametrize(
    ("loss", "encoder"),
    [
        ("{type: cosine, low: 0, high: 1}", "[]"),
        ("{type: contrastive, threshold: 1}", "[{type: recurrent, units: 8}]"),
    ],
)
def test_other_losses_and_encoders_train(nlpx: Command, tmp_path: Path, loss: str, encoder: str) -> None:
    (tmp_path / "c.yaml").write_text(CONFIG, encoding="utf-8")
    settings = [
        f"loss={loss}",
        f"model.encoder={encoder}",
        "model.pooling=[last]",
        "train.epochs=1",
        "train.accumulation=2",
        "train.buckets=[48]",
        "data.limit=200",
    ]
    options = [word for setting in settings for word in ("--set", setting)]
    shown = nlpx("train", tmp_path / "c.yaml", "--output", tmp_path, "--name", "x", *options)
    assert shown.code == 0, shown.err


def train_on(nlpx: Command, folder: Path, rows: str, loss: str, *options: str | Path) -> Shown:
    (folder / "rows.tsv").write_text(rows, encoding="utf-8")
    source = "{type: scored_pairs, train: rows.tsv, holdout: 4}"
    (folder / "c.yaml").write_text(
        f"task: similarity\ndata: {{source: {source}}}\nloss: {loss}\nmetrics: [correlation]\n"
        "checkpoint: {monitor: valid/spearman}\ntrain: {epochs: 1}\n",
        encoding="utf-8",
    )
    return nlpx("train", folder / "c.yaml", *options)


ROWS = "".join(f"第{i}句话\t{'春夏秋冬'[i % 4]}天{i}\t{i % 3}\n" for i in range(24))


@pytest.mark.parametrize(
    ("rows", "loss", "code", "expected"),
    [
        (ROWS + "甲\t乙\n", "cosent", 3, "rows.tsv:25: 1 tabs; expected two"),
        (ROWS + "甲\t乙\t很像\n", "cosent", 3, "rows.tsv:25: the score '很像' is not a number"),
        (ROWS.replace("\t0\n", "\t2\n").replace("\t1\n", "\t2\n"), "cosent", 3, "all scores are 2, so there is no order"),
        (ROWS, "{type: cosine, low: 0, high: 1}", 3, "scores go from 0 to 2, beyond those that become cosines, 0 to 1"),
        (ROWS, "{type: contrastive, threshold: 3}", 3, "from 0 to 2, so with the threshold 3 all pairs are negative"),
        (ROWS, "{type: contrastive, threshold: 0}", 3, "with the threshold 0 all pairs are positive. Set loss.threshold"),
        (ROWS, "{type: cosine, low: 1, high: 1}", 2, "low is less than high"),
        (ROWS, "cosine", 2, "loss.low"),
        (ROWS, "{type: contrastive, threshold: .inf}", 2, "loss.threshold"),
        (ROWS, "{type: contrastive, threshold: 1, margin: 3}", 2, "loss.margin"),
        (ROWS, "{type: cosent, scale: 0}", 2, "loss.scale"),
    ],
)  # fmt: skip
def test_wrong_rows_and_options(
    nlpx: Command, tmp_path: Path, rows: str, loss: str, code: int, expected: str
) -> None:
    shown = train_on(nlpx, tmp_path, rows, loss, "--output", tmp_path)
    assert (shown.code, expected in shown.text) == (code, True), shown.text


PAIRS = "data: {source: {type: builtin, name: similarity_pairs}}"


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ("loss: cosent", "c.yaml:2:1: error C218: loss: the loss cosent needs `cosine` and `score`, which question records do not give"),
        ("metrics: [correlation]", "the metric correlation needs `predicted_score` and `score`, which question records do not give; expected scored_pair records, or the metric retrieval"),
        (f"{PAIRS}\nloss: in_batch", "c.yaml:3:1: error C218: loss: the loss multiple_negatives_ranking needs `group`, which scored_pair records do not give; expected question records, or one of the losses contrastive, cosent, cosine"),
        (PAIRS, "error C218: data.source: the metric retrieval needs `ranking`, which scored_pair records do not give"),
        (f"{PAIRS}\nloss: cosent\nmetrics: [correlation]", "the metrics do not give valid/mrr"),
        ("data: {source: {type: pairs, train: a, valid: b}}", "gives pair records, but the task reads question or scored_pair records"),
    ],
)  # fmt: skip
def test_losses_and_metrics_of_other_rows(nlpx: Command, tmp_path: Path, lines: str, expected: str) -> None:
    (tmp_path / "c.yaml").write_text(f"task: similarity\n{lines}\n", encoding="utf-8")
    shown = nlpx("check", tmp_path / "c.yaml")
    assert (shown.code, expected in " ".join((shown.out + shown.err).split())) == (2, True), shown


@pytest.mark.parametrize(
    "loss", ["{type: contrastive, threshold: 0.7}", "{type: cosine, low: 0.1, high: 0.7}"]
)
def test_scores_at_the_ends_of_what_a_loss_takes(nlpx: Command, tmp_path: Path, loss: str) -> None:
    """0.1 is more, and 0.7 is less, in 32 bits than in 64."""
    rows = ROWS.replace("\t0\n", "\t0.1\n").replace("\t1\n", "\t0.7\n").replace("\t2\n", "\t0.7\n")
    found = train_on(nlpx, tmp_path, rows, loss, "--dry-run")
    assert found.code == 0, found.err


def pair_task(encoder: str, **more: object) -> tuple[Similarity, PairCodec, dict[str, Vocabulary]]:
    model = {"embedding": {"dim": 6, "ngrams": [{"dim": 4, "min_count": 1}]}, "pooling": ["mean"], **more}
    experiment = Similarity.model_validate(
        {
            "task": "similarity",
            "data": {"source": {"type": "builtin", "name": "similarity_pairs"}, "max_length": 6},
            "vocabulary": {"min_count": 1},
            "model": {**model, "encoder": [{"type": encoder, "units": 5}]},
            "loss": "cosent",
        }
    )
    task = experiment.codec()
    assert isinstance(task, PairCodec)
    counters = {name: Counter[str]() for name in task.min_counts}
    for row in ROWS_TO_ENCODE:
        for name, tokens in task.count(row).items():
            counters[name].update(tokens)
    return experiment, task, {name: Vocabulary.build(counter) for name, counter in counters.items()}


ROWS_TO_ENCODE = [
    ScoredPair("x:1", "春天来了", "春", 0.1),
    ScoredPair("x:2", "秋", "秋天的风真冷啊", -3),
    ScoredPair("x:3", "冬天", "下雪", 0.3),
]


def encoded(task: PairCodec, vocabularies: dict[str, Vocabulary]) -> EncodedItems:
    items = [item for row in ROWS_TO_ENCODE for item in task.encode(row, vocabularies)]
    return EncodedItems.of(items, task.fields)


@pytest.mark.parametrize("mask", [True, False])
def test_the_loss_is_that_of_the_cosines_of_the_rows_however_they_are_padded(mask: bool) -> None:
    from nlpx.components.losses.cosent import CoSENT

    experiment, task, vocabularies = pair_task("recurrent", mask=mask)
    problem = experiment.learner(task, vocabularies)
    answers = np.array(
        [
            example.answer
            for example in experiment.predictor(task, problem, vocabularies).examples(ROWS_TO_ENCODE, ())
        ]
    )
    scores = np.array([row.score for row in ROWS_TO_ENCODE], np.float32)
    if mask:
        values = {"cosine": answers.astype(np.float32), "score": scores, "mask": np.ones(3, bool)}
        expected = CoSENT()(values, 0)["loss"][:2]
    found = []
    for length, width, size in [(6, 2, 3), (6, 6, 3), (9, 4, 5), (9, 12, 8)]:
        items = encoded(task, vocabularies)
        batch = collate(items, np.arange(3), {MAIN: length, "second": width}, size)
        term = problem.losses(batch, 0, training=False)["loss"]
        found.append([float(term.sum), float(term.weight)])
    if mask:
        found.append([float(value) for value in expected])
    np.testing.assert_allclose(found, np.broadcast_to(found[0], (len(found), 2)), rtol=1e-5)


def test_scores_are_kept_to_the_last_bit_and_the_longer_sentence_comes_first() -> None:
    _, task, vocabularies = pair_task("recurrent")
    items = encoded(task, vocabularies)
    assert items.lengths.tolist() == [4, 6, 2]
    assert items.extents["second"].lengths.tolist() == [1, 1, 2]
    assert items.arrays["score"].dtype == np.float32
    assert items.arrays["score"].tolist() == [np.float32(0.1), -3, np.float32(0.3)]
