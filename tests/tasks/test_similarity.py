"""Sentence similarity from the command line: what a user sees, what goes wrong, and what a kill leaves."""

from __future__ import annotations

import gzip
import json
import os
import re
import shutil
import signal
import time
from pathlib import Path

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from nlpx.data.records import Question
from nlpx.runs.config import load_run
from nlpx.runs.directory import RunDirectory
from nlpx.runs.record import evaluations
from nlpx.runs.row_values import NAME
from nlpx.tasks.similarity.codec import GroupCodec
from nlpx.tasks.similarity.config import Similarity
from nlpx.tasks.similarity.predictor import WEIGHTS, best_weight
from nlpx.text.points import Points
from nlpx.workflow.measured import measured
from tests.forks import Forks
from tests.tasks.conftest import Command
from tests.trained import TrainOnce

CONFIG = """\
task: similarity
data: {limit: 600}
model:
  embedding: {dim: 16, dropout: 0.2, ngrams: [{size: 2, dim: 16, min_count: 2, dropout: 0.1}]}
  projection: 16
optimizer: {type: adam, learning_rate: 5e-3}
tricks: [{type: ema, momentum: 0.9}]
train: {epochs: 6, batch_size: 64, buckets: [10, 48], log_every: 2}
samples: [怎样处理旧电脑]
"""


@pytest.fixture(scope="module")
def trained(trained_once: TrainOnce) -> Path:
    return trained_once(CONFIG).path


@pytest.fixture
def own(trained: Path, tmp_path: Path) -> Path:
    """A copy that a test may break."""
    return Path(shutil.copytree(trained, tmp_path / "tiny"))


def test_it_learns_and_eval_repeats_it(nlpx: Command, own: Path) -> None:
    records = [json.loads(line) for line in (own / "metrics.jsonl").read_text("utf-8").splitlines()]
    found = [record["valid/mrr"] for record in records if "valid/mrr" in record]
    assert found[-1] > found[0]
    shown = nlpx("eval", own, "--reference", "--errors", "2", "--json")
    assert shown.code == 0, shown.err
    result = json.loads(shown.out)
    before = json.loads((own / "eval" / "test.json").read_text("utf-8"))["metrics"]
    assert result["metrics"] == pytest.approx(before)
    assert {"mrr", "written/hit_at_1", "generated/hit_at_5"} <= before.keys()
    assert 0.3 < result["references"]["tf-idf"]["generated/hit_at_1"] < 1
    searched = f"document frequencies of the {result['rows']} sentences searched"
    assert searched in result["signatures"]["tf-idf"]
    predictions = (own / "eval" / "test.predictions.jsonl").read_text("utf-8").splitlines()
    assert len(predictions) == result["rows"]
    assert "point" not in json.loads(predictions[0])


def test_retrieval_has_intervals_from_the_files_of_the_run(own: Path) -> None:
    """The vectors are not written, but the ranks of queries are; subsets are ranked among themselves."""
    run = RunDirectory.open(own)
    record = evaluations(run)["test"]
    found = measured(run, record, load_run(run).experiment)
    assert not found.note
    for name in ("mrr", "hit_at_1", "written/mrr", "generated/hit_at_5"):
        assert found.estimates[name].value == pytest.approx(record.metrics[name])
        assert found.estimates[name].low < record.metrics[name] < found.estimates[name].high
    run.metric_file("test", NAME).write_text("{", encoding="utf-8")
    damaged = measured(run, record, load_run(run).experiment)
    assert "row_values.jsonl" in damaged.note and damaged.examples and not damaged.estimates


def test_the_hits_of_the_predictions_are_hit_at_1(own: Path) -> None:
    lines = (own / "eval" / "test.predictions.jsonl").read_text("utf-8").splitlines()
    right = [json.loads(line)["right"] for line in lines]
    metrics = json.loads((own / "eval" / "test.json").read_text("utf-8"))["metrics"]
    assert np.mean(right) == pytest.approx(metrics["hit_at_1"], abs=0.005)


def test_errors_show_the_nearest(nlpx: Command, own: Path) -> None:
    lines = nlpx("eval", own, "--errors", "2").out.splitlines()[-2:]
    assert all("→" in line and "another group" in line for line in lines)


def test_predict_names_neighbours_of_the_training_rows(nlpx: Command, own: Path) -> None:
    known = (own / "index" / "sentences.txt").read_text("utf-8").splitlines()[:-1]
    shown = nlpx("predict", own, "--text", known[7], "--text", "", "--text", "😀龘", "--format", "jsonl")
    assert shown.code == 0
    first, blank, strange = (json.loads(line)["neighbours"] for line in shown.out.splitlines())
    one = pytest.approx(1, abs=1e-5)
    assert first[0] == {"text": known[7], "score": one, "cosine": one}
    assert len(first) == len(strange) == 5
    assert blank == []
    scores = [neighbour["score"] for neighbour in first]
    assert scores == sorted(scores, reverse=True)
    assert {neighbour["text"] for neighbour in first} <= set(known)
    line = nlpx("predict", own, "--text", known[7]).out
    assert line.startswith(f"{known[7]} 1.000  ")


def test_predict_makes_a_lost_index_again_and_needs_none_of_the_data(nlpx: Command, own: Path) -> None:
    (vectors,) = (own / "index").glob("*.f32")
    before, expected = vectors.read_bytes(), nlpx("predict", own, "--text", "旧手机卖给谁").out
    vectors.unlink()
    assert nlpx("predict", own, "--text", "旧手机卖给谁").out == expected
    assert vectors.read_bytes() == before
    assert nlpx("predict", own, "--text", "旧手机卖给谁", "--checkpoint", "last").code == 0


def test_the_weight_of_the_lexical_part_is_learned_on_valid_and_kept(nlpx: Command, tmp_path: Path) -> None:
    config = tmp_path / "c.yaml"
    text = CONFIG.replace("epochs: 6", "epochs: 1") + "decode: {type: nearest, lexical: learned}\n"
    config.write_text(text, encoding="utf-8")
    assert nlpx("train", config, "--output", tmp_path, "--name", "x").code == 0
    folder = tmp_path / "similarity" / "x"
    (path,) = (folder / "index").glob("*.json")
    weight = json.loads(path.read_text("utf-8"))["lexical"]
    # One epoch on a few rows: what sentences share in characters tells more.
    assert weight > 0
    shown = nlpx("predict", folder, "--text", "旧手机卖给谁", "--format", "jsonl")
    for neighbour in json.loads(shown.out)["neighbours"]:
        lexical = ((1 + weight) * neighbour["score"] - neighbour["cosine"]) / weight
        assert -1e-5 <= lexical <= 1 + 1e-5
    path.unlink()
    assert nlpx("eval", folder).code == 0
    assert json.loads(path.read_text("utf-8"))["lexical"] == weight


def test_the_best_weight_by_trying_all() -> None:
    rng = np.random.default_rng(0)
    groups = [str(i // 2) for i in range(40)]
    centres = rng.normal(size=(20, 6)).repeat(2, 0)
    dense, sparse = (centres + rng.normal(size=(40, 6)) * noise for noise in (2.0, 0.5))
    points = Points(dense.astype(np.float32), csr_matrix(sparse.astype(np.float32)))
    best = best_weight(points, groups)
    assert best > 0

    def mrr(weight: float) -> float:
        scores = dense @ dense.T + weight * sparse @ sparse.T
        found = []
        for i, row in enumerate(scores):
            better = sum(row[j] >= row[i ^ 1] for j in range(40) if j // 2 != i // 2)
            found.append(1 / (1 + better))
        return float(np.mean(found))

    assert mrr(best) == pytest.approx(max(mrr(weight) for weight in WEIGHTS), abs=1e-9)
    assert best_weight(Points.of_dense(points.dense), groups) == 0


def test_predict_searches_a_file(nlpx: Command, own: Path, tmp_path: Path) -> None:
    corpus = tmp_path / "faq.txt"
    corpus.write_text("冰箱怎么清洗\n\n护照丢了怎么办\n冰箱怎么清洗\n", encoding="utf-8")
    for _ in range(2):
        shown = nlpx("predict", own, "--corpus", corpus, "--text", "护照遗失了", "--format", "jsonl")
        assert shown.code == 0, shown.err
        found = [neighbour["text"] for neighbour in json.loads(shown.out)["neighbours"]]
        assert found == ["护照丢了怎么办", "冰箱怎么清洗"]
    assert len(list((own / "index").glob("*/*.f32"))) == 1
    corpus.write_text("别的问题\n", encoding="utf-8")
    assert nlpx("predict", own, "--corpus", corpus, "--text", "护照遗失了").out.startswith("别的问题 ")


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (None, "faq.txt: there is no such file"),
        (b"\n \n", "this file contains no text"),
        (b"", "the file is empty"),
        ("护照丢了\n".encode("gb18030"), "faq.txt:1: byte 1 of this line (0xbb) is not UTF-8"),
    ],
)
def test_a_file_that_cannot_be_searched(
    nlpx: Command, own: Path, tmp_path: Path, content: bytes | None, expected: str
) -> None:
    if content is not None:
        (tmp_path / "faq.txt").write_bytes(content)
    shown = nlpx("predict", own, "--corpus", tmp_path / "faq.txt", "--text", "护照遗失了")
    assert (shown.code, expected in shown.text) == (3, True), shown.text


def test_long_and_strange_texts_are_searched_for_and_found(nlpx: Command, own: Path, tmp_path: Path) -> None:
    long = "护照丢了怎么办" * 20
    (tmp_path / "faq.txt").write_text(f"{long}\n😀\n冰箱怎么清洗\n", encoding="utf-8")
    asked = [word for text in (long, long + "冰箱", "😀", " ") for word in ("--text", text)]
    shown = nlpx("predict", own, "--corpus", tmp_path / "faq.txt", "--format", "jsonl", *asked)
    assert shown.code == 0, shown.err
    first, longer, strange, blank = (json.loads(line)["neighbours"] for line in shown.out.splitlines())
    # Beyond max_length nothing is seen.
    assert first == longer
    assert first[0] == {"text": long, "score": pytest.approx(1), "cosine": pytest.approx(1)}
    assert strange[0]["text"] == "😀"
    assert blank == []


def test_an_index_that_cannot_be_kept_is_told_about_and_answers(nlpx: Command, own: Path) -> None:
    expected = nlpx("predict", own, "--text", "旧手机卖给谁")
    assert expected.err == ""
    shutil.rmtree(own / "index")
    (own / "index").write_text("not a folder")
    shown = nlpx("predict", own, "--text", "旧手机卖给谁")
    assert (shown.code, shown.out) == (0, expected.out)
    (line,) = shown.err.splitlines()
    assert line.startswith(f"{own / 'index' / 'sentences.txt'}: cannot be kept: ")


def search_by(run: Path, decode: str) -> None:
    """Let a run search its sentences otherwise."""
    text = (run / "resolved.yaml").read_text("utf-8")
    start = text.index("decode:")
    end = re.compile(r"^\w", re.M).search(text, start + 1)
    rest = "" if end is None else text[end.start() :]
    (run / "resolved.yaml").write_text(f"{text[:start]}decode: {decode}\n{rest}", encoding="utf-8")


@pytest.mark.parametrize("lexical", ["0.0", "0.3"])
def test_approximate_search_of_all_cells_is_exact(nlpx: Command, own: Path, lexical: str) -> None:
    pytest.importorskip("faiss")
    asked = ["--text", "旧手机卖给谁", "--text", "护照丢了", "--format", "jsonl"]
    search_by(own, f"{{type: nearest, lexical: {lexical}}}")
    expected = [json.loads(line) for line in nlpx("predict", own, *asked).out.splitlines()]
    search_by(own, f"{{type: approximate, lexical: {lexical}, probes: 1000}}")
    for _ in range(2):
        shown = nlpx("predict", own, *asked)
        assert shown.code == 0, shown.err
        for line, wanted in zip(shown.out.splitlines(), expected, strict=True):
            found = json.loads(line)["neighbours"]
            assert [one["text"] for one in found] == [one["text"] for one in wanted["neighbours"]]
            for one, other in zip(found, wanted["neighbours"], strict=True):
                assert one["score"] == pytest.approx(other["score"], abs=1e-6)
    assert len(list((own / "index").glob("*.faiss"))) == 1


def test_without_faiss_check_and_predict_say_how_to_install_it(
    nlpx: Command, own: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("nlpx.config.machine", "nlpx.tasks.similarity.cells"):
        monkeypatch.setattr(f"{module}.missing_modules", lambda extra: ["faiss"] if extra else [])
    search_by(own, "{type: approximate}")
    shown = nlpx("predict", own, "--text", "护照丢了")
    assert (shown.code, "pip install -e '.[faiss]' in the checkout of nlpx" in shown.text) == (4, True), (
        shown.text
    )
    (tmp_path / "c.yaml").write_text("task: similarity\ndecode: approximate\n", encoding="utf-8")
    shown = nlpx("check", tmp_path / "c.yaml")
    message = " ".join((shown.out + shown.err).split())
    assert "decoder/approximate needs faiss, which is not installed" in message
    assert (shown.code, "pip install -e '.[faiss]' in the checkout of nlpx" in message) == (2, True)


def test_tasks_that_do_not_search_say_so(nlpx: Command, runs: Path, tmp_path: Path) -> None:
    (tmp_path / "faq.txt").write_text("春风\n", encoding="utf-8")
    shown = nlpx("predict", runs / "couplet" / "tiny", "--corpus", tmp_path / "faq.txt", "--text", "春风")
    assert (shown.code, "--corpus: this is not a retrieval task" in shown.text) == (2, True), shown.err


@pytest.mark.parametrize(
    ("loss", "encoder"),
    [
        ("{type: am_softmax, class_vectors: constrained}", "[{type: recurrent, units: 8}]"),
        ("triplet", "[]"),
    ],
)
def test_other_losses_and_encoders_train(nlpx: Command, tmp_path: Path, loss: str, encoder: str) -> None:
    config = tmp_path / "c.yaml"
    config.write_text(CONFIG, encoding="utf-8")
    settings = [
        f"loss={loss}",
        f"model.encoder={encoder}",
        "model.pooling=[last, attention]",
        "train.epochs=1",
        "train.buckets=[48]",
        "data.limit=200",
    ]
    options = [word for setting in settings for word in ("--set", setting)]
    shown = nlpx("train", config, "--output", tmp_path, "--name", "x", *options)
    assert shown.code == 0, shown.err


def train_on(nlpx: Command, folder: Path, rows: str, more: str = "") -> tuple[int, str]:
    (folder / "rows.tsv.gz").write_bytes(gzip.compress(rows.encode()))
    source = "{type: groups, train: rows.tsv.gz, holdout: 4}"
    (folder / "c.yaml").write_text(
        f"task: similarity\ndata: {{source: {source}{more}}}\ntrain: {{epochs: 1}}\n", encoding="utf-8"
    )
    shown = nlpx("train", folder / "c.yaml", "--output", folder / "runs", "--name", "x")
    return shown.code, shown.text


GOOD = "".join(f"{i // 2}\t{'春夏秋冬'[i % 4]}天第{i}个问题\n" for i in range(24))


@pytest.mark.parametrize(
    ("rows", "more", "code", "expected"),
    [
        (GOOD + "99\t一个人\n", "", 3, "rows.tsv.gz:25: the group 99 has one sentence; expected two or more"),
        (GOOD + "没有组\n", "", 3, "rows.tsv.gz:25: 0 tabs; expected one, between group and sentence"),
        (GOOD + "7\t \n", "", 3, "rows.tsv.gz:25: the sentence is empty"),
        (GOOD + " \t甲\n", "", 3, "rows.tsv.gz:25: the group is empty"),
        (GOOD + "<unk>\t甲\n<unk>\t乙\n", "", 3, "a group cannot be called <unk>"),
        (
            GOOD,
            ", limit: 1",
            3,
            "the training split has 0 groups of at least two sentences; this loss needs two",
        ),
        (GOOD[:40], "", 3, "holdout takes 4 of"),
    ],
)
def test_bad_groups(nlpx: Command, tmp_path: Path, rows: str, more: str, code: int, expected: str) -> None:
    found, text = train_on(nlpx, tmp_path, rows, more)
    assert (found, expected in text) == (code, True), text


def test_bad_groups_can_be_skipped(nlpx: Command, tmp_path: Path) -> None:
    code, text = train_on(nlpx, tmp_path, GOOD + "99\t一个人\n", ", on_bad_line: skip")
    assert (code, "1 bad row is left out" in text) == (0, True)


def test_a_batch_without_room_for_two_groups(nlpx: Command, tmp_path: Path) -> None:
    (tmp_path / "c.yaml").write_text(CONFIG.replace("batch_size: 64", "batch_size: 2"), encoding="utf-8")
    shown = nlpx("train", tmp_path / "c.yaml", "--dry-run")
    assert (shown.code, "train.batch_size: 2" in shown.text) == (2, True)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("metrics: [nll]", "needs `characters` and `nll`, which the task similarity does not give"),
        ("loss: cross_entropy", "needs `logits` and `target`, which the task similarity does not give"),
        ("decode: argmax", "needs `line` and `logits`, which the task similarity does not give"),
        (
            "data: {source: {type: pairs, train: a, valid: b}}",
            "gives pair records, but the task reads question or scored_pair records",
        ),
        ("model: {pooling: [mean, mean]}", "duplicate mean, first listed as model.pooling.0"),
        ("model: {embedding: {dim: 8}, encoder: [{type: gated_conv, filters: 9}]}", "8 wide"),
    ],
)
def test_configs_that_do_not_fit(nlpx: Command, tmp_path: Path, line: str, expected: str) -> None:
    (tmp_path / "c.yaml").write_text(f"task: similarity\n{line}\n", encoding="utf-8")
    shown = nlpx("check", tmp_path / "c.yaml")
    assert (shown.code, expected in " ".join((shown.out + shown.err).split())) == (2, True), shown


def test_long_sentences_are_cut_and_case_and_width_do_not_matter() -> None:
    task = Similarity.model_validate({"task": "similarity", "data": {"max_length": 4}}).codec()
    assert isinstance(task, GroupCodec)
    counts = task.count(Question("x:1", "g", "ＡbＣ甲乙"))
    assert list(counts["char"]) == ["a", "b", "c", "甲"]
    assert list(counts["group"]) == ["g"]


def left_behind(folder: Path) -> dict[str, bytes]:
    """What a run leaves and what must not depend on having been killed."""
    names = ["metrics.jsonl", "samples.jsonl", "best", "last", "eval/test.predictions.jsonl"]
    files = [folder / name for name in names] + sorted((folder / "index").iterdir())
    files += sorted((folder / "checkpoints").rglob("*.*"))
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def test_killed_and_resumed_is_as_never_killed(
    nlpx: Command, forks: Forks, trained: Path, tmp_path: Path
) -> None:
    (tmp_path / "c.yaml").write_text(CONFIG, encoding="utf-8")
    arguments = ("train", tmp_path / "c.yaml", "--output", tmp_path, "--name", "tiny")
    process = forks.start("tests.forks:command", *arguments)
    folder = tmp_path / "similarity" / "tiny"
    while not (folder / "last").is_file():
        os.kill(process.pid, 0)
        time.sleep(0.01)
    assert process.kill() == -signal.SIGKILL
    assert nlpx("train", "--resume", folder).code == 0
    one, other = left_behind(folder), left_behind(trained)
    assert sorted(one) == sorted(other)
    assert [name for name in one if one[name] != other[name]] == []
