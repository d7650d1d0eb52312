"""Train, evaluate, predict: what a user sees, for both tasks."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from nlpx.runs.directory import RunDirectory
from nlpx.runs.record import Snapshot
from nlpx.text.punctuation import is_punctuation
from tests.tasks.conftest import Command

TASKS = ("couplet", "segmentation")
STRANGE = ["", "今天", "😀👨‍👩‍👧 a\tb", "e\u0301\u200b", "长" * 700, "。。。", " 　 ", "龘靐齉"]


@pytest.mark.parametrize("task", TASKS)
def test_a_run_leaves_what_the_design_says(finished: Path, task: str) -> None:
    run = finished / task / "tiny"
    names = ["config.yaml", "resolved.yaml", "snapshot.json", "best", "last", "metrics.jsonl", "metrics.csv"]
    names += ["samples.jsonl", "log.txt", "eval/test.json", "eval/test.predictions.jsonl"]
    assert [name for name in names if not (run / name).is_file()] == []
    assert (run / "STATUS").read_text().strip() == "finished"
    records = [json.loads(line) for line in (run / "metrics.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [record["step"] for record in records] == sorted(record["step"] for record in records)
    losses = [record["train/loss"] for record in records if "train/loss" in record]
    assert losses[-1] < losses[0]
    assert json.loads((run / "metrics.jsonl").read_text(encoding="utf-8").splitlines()[-1])["valid/nll"] > 0


@pytest.mark.parametrize("task", TASKS)
def test_the_log_holds_what_the_screen_showed_and_nothing_of_the_framework(finished: Path, task: str) -> None:
    run = finished / task / "tiny"
    lines = (run / "log.txt").read_text(encoding="utf-8").splitlines()
    assert all(re.match(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d  ", line) for line in lines)
    said = [line[21:] for line in lines]
    assert said[0].startswith("checking and encoding the data")
    assert said[1].startswith("run ") and said[1].endswith(f"/{task}/tiny")
    assert said[2].startswith("step 5/")
    for begin in (
        "valid at step ",
        "epoch 2 ended at step ",
        "stopped at step ",
        "test, checkpoint of step ",
    ):
        assert any(line.startswith(begin) for line in said)
    assert any(re.match(r"nll +\d", line) for line in said)
    assert said[-1] == f"run: {said[1].removeprefix('run ')}"
    assert " → " in said[-2]
    assert max(len(line) for line in said if line.startswith("valid at step ")) <= 100
    assert "tensorflow" not in "".join(said)


@pytest.mark.parametrize("task", TASKS)
def test_eval_repeats_the_numbers_of_training(nlpx: Command, runs: Path, task: str) -> None:
    before = json.loads((runs / task / "tiny" / "eval" / "test.json").read_text(encoding="utf-8"))
    shown = nlpx("eval", runs / task / "tiny", "--json")
    assert shown.code == 0
    after = json.loads(shown.out)
    assert after["metrics"] == pytest.approx(before["metrics"])
    assert {"nll", "written/nll", "generated/nll"} <= after["metrics"].keys()
    predictions = (runs / task / "tiny" / "eval" / "test.predictions.jsonl").read_text(encoding="utf-8")
    assert len(predictions.splitlines()) == after["rows"]


def test_couplets_report_seen_and_unseen_apart_and_break_no_rule(nlpx: Command, runs: Path) -> None:
    metrics = json.loads(nlpx("eval", runs / "couplet" / "tiny", "--json").out)["metrics"]
    assert {"seen/nll", "unseen/nll"} <= metrics.keys()
    rates = [value for name, value in metrics.items() if name.endswith("_violations")]
    assert len(rates) > 4
    assert set(rates) == {0.0}
    assert metrics["perplexity"] == pytest.approx(2.718281828 ** metrics["nll"], rel=1e-6)


def test_a_finished_run_is_evaluated_with_any_metrics(nlpx: Command, runs: Path) -> None:
    """The one that selected its checkpoint need not be among them."""
    run = runs / "couplet" / "tiny"
    shown = nlpx("eval", run, "--set", "metrics=[distinct]", "--json")
    assert shown.code == 0, shown.err
    assert {"distinct_1", "distinct_2"} <= json.loads(shown.out)["metrics"].keys()
    assert "nll" not in json.loads(shown.out)["metrics"]


def test_segmentation_shows_jieba_beside_itself(nlpx: Command, runs: Path) -> None:
    shown = nlpx("eval", runs / "segmentation" / "tiny", "--reference", "--json")
    reference = json.loads(shown.out)["references"]["jieba"]
    assert 0 < reference["f1"] < 1
    assert "nll" not in reference


def test_errors_lists_the_worst_first(nlpx: Command, runs: Path) -> None:
    shown = nlpx("eval", runs / "couplet" / "tiny", "--split", "valid", "--errors", "3")
    title, *lines = shown.out.splitlines()[-4:]
    assert title == "worst predictions by nll per character:"
    assert all("→" in line and "reference" in line for line in lines)
    numbers = [float(line.split()[0]) for line in lines]
    assert numbers == sorted(numbers, reverse=True)
    assert numbers[0] > 0


def test_errors_as_json_say_how_bad_they_are(nlpx: Command, runs: Path) -> None:
    run = runs / "couplet" / "tiny"
    found = json.loads(nlpx("eval", run, "--split", "valid", "--errors", "2", "--json").out)["worst"]
    assert found["badness_is"] == "nll per character"
    for example in found["examples"]:
        assert example["badness"] == pytest.approx(example["nll"] / example["characters"])
    kept = (run / "eval" / "valid.predictions.jsonl").read_text(encoding="utf-8").splitlines()
    nlls = sorted((row["nll"] / row["characters"] for row in map(json.loads, kept)), reverse=True)
    assert [example["badness"] for example in found["examples"]] == pytest.approx(nlls[:2])


def test_a_reference_that_a_task_does_not_have(nlpx: Command, runs: Path) -> None:
    shown = nlpx("eval", runs / "couplet" / "tiny", "--split", "valid", "--reference", "--json")
    assert (shown.code, json.loads(shown.out)["references"]) == (0, {})
    assert "--reference: the task couplet has no reference system." in shown.text


@pytest.mark.parametrize("task", TASKS)
def test_predict_answers_every_line_in_order(nlpx: Command, runs: Path, task: str) -> None:
    lines = [text for text in STRANGE if "\t" not in text]
    shown = nlpx(
        "predict", runs / task / "tiny", "--input", "-", "--format", "jsonl", stdin="\n".join(lines).encode()
    )
    assert shown.code == 0
    records = [json.loads(line) for line in shown.out.splitlines()]
    assert [record["text"] for record in records] == lines
    assert [record["id"] for record in records] == [str(i + 1) for i in range(len(lines))]
    for record in records:
        if task == "segmentation":
            assert "".join(record["words"]) == record["text"]
            assert "" not in record["words"]
        else:
            assert len(record["lower"]) == len(record["text"])
            pairs = zip(record["text"], record["lower"], strict=True)
            assert all(lower == upper for upper, lower in pairs if is_punctuation(upper))


@pytest.mark.parametrize("task", TASKS)
def test_predict_gives_the_same_answer_alone_and_among_others(nlpx: Command, runs: Path, task: str) -> None:
    run = runs / task / "tiny"
    text = "春风吹绿江南岸"
    alone = nlpx("predict", run, "--text", text).out
    among = nlpx("predict", run, "--input", "-", stdin=f"短\n{text}\n{'长' * 60}\n".encode()).out
    assert among.splitlines()[1] == alone.rstrip("\n")


def test_predict_keeps_ids_and_writes_files(nlpx: Command, runs: Path, tmp_path: Path) -> None:
    source, target = tmp_path / "in.tsv", tmp_path / "out.tsv"
    source.write_text("甲\t春风\n乙\t\n", encoding="utf-8")
    run = runs / "couplet" / "tiny"
    options = ["--ids", "--format", "tsv", "--output", target]
    assert nlpx("predict", run, "--input", source, *options).code == 0
    lines = target.read_text(encoding="utf-8").splitlines()
    assert [line.split("\t")[:2] for line in lines] == [["甲", "春风"], ["乙", ""]]


def test_predict_without_a_run_takes_the_newest(nlpx: Command, runs: Path) -> None:
    text = ("--text", "研究生命的起源")
    by_date = sorted(runs.glob("*/tiny"), key=lambda run: Snapshot.of(RunDirectory.open(run)).created)
    older, newest = (nlpx("predict", run, *text).out for run in by_date)
    assert nlpx("predict", "--root", runs, *text).out == newest != older


def test_a_user_dictionary_changes_the_words(nlpx: Command, runs: Path, tmp_path: Path) -> None:
    words = tmp_path / "words.tsv"
    words.write_text("研究生命\t1e9\n", encoding="utf-8")
    dictionary = f"decode.dictionary={words}"
    shown = nlpx("predict", runs / "segmentation" / "tiny", "--text", "他研究生命", "--set", dictionary)
    assert "研究生命" in shown.out.split()


def test_dry_run_shows_shapes_and_writes_no_run(nlpx: Command, tmp_path: Path) -> None:
    config = tmp_path / "c.yaml"
    config.write_text(
        "task: couplet\ndata: {limit: 100}\nmodel: {embedding: {dim: 8}, encoder: [{type: gated_conv}]}\n",
        encoding="utf-8",
    )
    shown = nlpx("train", config, "--dry-run", "--output", tmp_path / "runs")
    assert shown.code == 0
    assert all(word in shown.out for word in ("parameters", "time per step", "vocabularies", "mask 64x"))
    assert not (tmp_path / "runs").exists()


STAGES = """\
task: couplet
data: {limit: 100}
model: {embedding: {dim: 8}, encoder: [{type: gated_conv}]}
train:
  buckets: [16]
  stages:
    - {epochs: 1, trainable_from: head}
    - {steps: 3, trainable_from: encoder, optimizer: {type: sgd, learning_rate: 0.1}}
"""


def test_a_run_in_stages(nlpx: Command, tmp_path: Path) -> None:
    config = tmp_path / "c.yaml"
    config.write_text(STAGES, encoding="utf-8")
    shown = nlpx("train", config, "--dry-run")
    lines = {line[:16].strip(): line[16:] for line in shown.out.splitlines()}
    assert re.match(r"2 steps, adam, trains [\d,]+ parameters, .* ms", lines["stage 1"])
    assert re.match(r"3 steps, sgd, trains [\d,]+ parameters, .* ms", lines["stage 2"])
    shown = nlpx("train", config, "--output", tmp_path / "runs", "--name", "s")
    assert shown.code == 0
    assert "stage 1 ended at step 2: epochs" in shown.text
    assert "stage 2 of 2 at most 3 steps sgd trains" in shown.text
    assert nlpx("eval", tmp_path / "runs" / "couplet" / "s").code == 0


def test_a_stage_of_a_part_that_is_not_there(nlpx: Command, tmp_path: Path) -> None:
    config = tmp_path / "c.yaml"
    config.write_text(STAGES.replace("trainable_from: encoder", "frozen: [encoders]"), encoding="utf-8")
    for more in ("--dry-run", f"--output={tmp_path / 'runs'}"):
        shown = nlpx("train", config, more)
        assert shown.code == 2
        assert (
            "train.stages.1.frozen.0: no part of the model has 'encoders' in its name; expected a piece"
            in shown.text
        )
        assert "one of embedding, encoder_0_0, head; did you mean encoder_0_0?" in shown.text
    assert not list((tmp_path / "runs" / "couplet").iterdir())


def test_two_runs_are_compared_by_what_differs(nlpx: Command, runs: Path, tmp_path: Path) -> None:
    config = runs.parent / "again.yaml"
    config.write_text(
        (runs / "couplet" / "tiny" / "config.yaml").read_text(encoding="utf-8"), encoding="utf-8"
    )
    options = ["--set", "train.epochs=1", "--output", runs, "--name", "other"]
    assert nlpx("train", config, *options).code == 0
    shown = nlpx("runs", "compare", "tiny", "other", "--root", runs / "couplet", "--json")
    assert shown.code == 0, shown.err
    assert "train.epochs" in shown.out
    assert "seed" not in json.loads(shown.out).get("config", {})
