"""What goes wrong around runs: each message says where, what, and what to do; nothing is lost."""

from __future__ import annotations

import errno
from pathlib import Path

import numpy as np
import pytest

from tests.tasks.conftest import Command

SMALL = (
    "task: couplet\ndata: {limit: 100}\nmodel: {embedding: {dim: 8}, encoder: [{type: gated_conv}]}\n"
    "optimizer: {type: adam, learning_rate: 1e-3}\ntrain: {epochs: 1}\n"
)


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "small.yaml"
    path.write_text(SMALL, encoding="utf-8")
    return path


def test_predict_with_no_run_at_all(nlpx: Command, tmp_path: Path) -> None:
    shown = nlpx("predict", "--root", tmp_path / "nothing", "--text", "春风")
    assert shown.code == 2
    assert "nothing" in shown.text
    assert "nlpx train" in shown.text


def test_predict_wants_text_or_input(nlpx: Command, runs: Path) -> None:
    shown = nlpx("predict", runs / "couplet" / "tiny")
    assert (shown.code, "--text" in shown.text) == (2, True)


def test_binary_garbage_on_standard_input(nlpx: Command, runs: Path) -> None:
    shown = nlpx("predict", runs / "couplet" / "tiny", "--input", "-", stdin=b"\x89PNG\r\n\x1a\n\x00\xff")
    assert shown.code == 3
    assert "standard input:1: byte 1 of this line (0x89) is not UTF-8" in shown.text
    assert "iconv" in shown.text


def test_a_missing_input_file(nlpx: Command, runs: Path) -> None:
    shown = nlpx("predict", runs / "couplet" / "tiny", "--input", "nowhere.txt")
    assert (shown.code, "nowhere.txt" in shown.text) == (2, True)


def test_unwritable_output_of_train(nlpx: Command, config: Path, tmp_path: Path) -> None:
    blocked = tmp_path / "blocked"
    blocked.write_text("a file where a folder should be")
    shown = nlpx("train", config, "--output", blocked)
    assert shown.code == 4
    assert "blocked" in shown.text
    assert "--output" in shown.text


def test_unwritable_output_of_predict(nlpx: Command, runs: Path, tmp_path: Path) -> None:
    target = tmp_path / "no" / "such" / "folder.txt"
    shown = nlpx("predict", runs / "couplet" / "tiny", "--text", "春", "--output", target)
    assert (shown.code, "--output" in shown.text) == (4, True)


def test_evaluating_a_run_without_a_checkpoint(nlpx: Command, runs: Path) -> None:
    run = runs / "couplet" / "tiny"
    for name in ("best", "last"):
        (run / name).unlink()
    (run / "STATUS").write_text("interrupted\n")
    shown = nlpx("eval", run)
    assert shown.code == 2
    assert f"nlpx train --resume {run}" in shown.text


@pytest.mark.parametrize(
    ("split", "advice"), [("dev", "choose one of these"), ("tset", "did you mean test?")]
)
def test_an_unknown_split(nlpx: Command, runs: Path, split: str, advice: str) -> None:
    shown = nlpx("eval", runs / "couplet" / "tiny", "--split", split)
    assert (shown.code, f"it has train, valid, test; {advice}" in shown.text) == (2, True)


def test_a_corrupted_checkpoint_is_named_and_another_offered(nlpx: Command, runs: Path) -> None:
    run = runs / "couplet" / "tiny"
    best = run / "checkpoints" / (run / "best").read_text().strip()
    weights = bytearray((best / "weights.npz").read_bytes())
    weights[len(weights) // 2] ^= 1
    (best / "weights.npz").write_bytes(weights)
    shown = nlpx("eval", run)
    assert shown.code == 4
    assert "weights.npz" in shown.text
    assert "damaged" in shown.text


def test_resuming_a_finished_run(nlpx: Command, runs: Path) -> None:
    shown = nlpx("train", "--resume", runs / "couplet" / "tiny")
    assert (shown.code, "finished" in shown.text, "nlpx eval" in shown.text) == (2, True, True)


def test_resuming_with_a_changed_config(nlpx: Command, runs: Path) -> None:
    run = runs / "couplet" / "tiny"
    (run / "STATUS").write_text("interrupted\n")
    resolved = (run / "resolved.yaml").read_text(encoding="utf-8")
    (run / "resolved.yaml").write_text(resolved.replace("batch_size: 32", "batch_size: 16"), encoding="utf-8")
    shown = nlpx("train", "--resume", run)
    assert shown.code == 2
    assert "train.batch_size" in shown.text


def test_resuming_with_changed_data(nlpx: Command, tmp_path: Path) -> None:
    rows = [f"{'春夏秋冬'[i % 4]}风\t{'花草树木'[i % 4]}雨\n" for i in range(40)]
    (tmp_path / "train.tsv").write_text("".join(rows), encoding="utf-8")
    config = tmp_path / "pairs.yaml"
    config.write_text(
        "task: couplet\ndata: {source: {type: pairs, train: train.tsv, holdout: 8}}\n"
        "vocabulary: {min_count: 1}\nmodel: {embedding: {dim: 8}, encoder: [{type: gated_conv}]}\ntrain: {epochs: 1}\n",
        encoding="utf-8",
    )
    assert nlpx("train", config, "--output", tmp_path / "runs", "--name", "r").code == 0
    run = tmp_path / "runs" / "couplet" / "r"
    (run / "STATUS").write_text("interrupted\n")
    (tmp_path / "train.tsv").write_text("".join([*rows, "新\t旧\n"]), encoding="utf-8")
    shown = nlpx("train", "--resume", run)
    assert shown.code == 3
    assert "train" in shown.text


def test_a_run_of_another_machine_answers_without_its_data(nlpx: Command, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    rows = "".join(f"{'春夏秋冬'[i % 4]}风\t{'花草树木'[i % 4]}雨\n" for i in range(40))
    (tmp_path / "data" / "train.tsv").write_text(rows, encoding="utf-8")
    config = tmp_path / "pairs.yaml"
    config.write_text(
        "task: couplet\ndata: {root: data, source: {type: pairs, train: train.tsv, holdout: 8}}\n"
        "vocabulary: {min_count: 1}\nmodel: {embedding: {dim: 8}, encoder: [{type: gated_conv}]}\ntrain: {epochs: 1}\n",
        encoding="utf-8",
    )
    assert nlpx("train", config, "--output", tmp_path / "runs", "--name", "r").code == 0
    moved = (tmp_path / "runs" / "couplet" / "r").rename(tmp_path / "carried")
    (tmp_path / "data").rename(tmp_path / "elsewhere")
    assert nlpx("predict", moved, "--text", "春风").code == 0
    shown = nlpx("eval", moved, "--split", "valid")
    assert shown.code == 3
    assert "data" in shown.text
    assert nlpx("eval", moved, "--split", "valid", "--data-root", tmp_path / "elsewhere").code == 0


def test_a_diverging_loss_stops_and_saves_the_batch(nlpx: Command, config: Path, tmp_path: Path) -> None:
    shown = nlpx(
        "train",
        config,
        "--output",
        tmp_path / "runs",
        "--name",
        "nan",
        "--set",
        "optimizer.learning_rate=1e30",
    )
    assert shown.code == 5
    run = tmp_path / "runs" / "couplet" / "nan"
    assert (run / "STATUS").read_text().strip() == "diverged"
    saved = list((run / "diverged").glob("*.npz"))
    assert saved
    with np.load(saved[0], allow_pickle=False) as batch:
        assert any(name.endswith("char") for name in batch.files)
    assert "learning rate" in shown.text


def test_a_full_disk_keeps_the_last_good_checkpoint(
    nlpx: Command, config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from nlpx.engine.arrays import write_arrays

    written = []

    def full(path: Path, arrays: dict[str, np.ndarray]) -> None:
        written.append(path)
        if len(written) > 2:
            raise OSError(errno.ENOSPC, "No space left on device")
        write_arrays(path, arrays)

    monkeypatch.setattr("nlpx.engine.checkpoint.write_arrays", full)
    options = ["--output", tmp_path / "runs", "--name", "full", "--set", "train.epochs=3"]
    shown = nlpx("train", config, *options)
    assert shown.code == 4
    assert "No space left" in shown.text
    run = tmp_path / "runs" / "couplet" / "full"
    assert (run / "last").is_file()
    assert nlpx("predict", run, "--text", "春风").code == 0
    monkeypatch.undo()
    assert nlpx("train", "--resume", run).code == 0
    assert (run / "STATUS").read_text().strip() == "finished"


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ("春风\t秋月\n春\t秋月\n", "bad.tsv:2: the upper line has 1 characters and the lower 2"),
        ("春风秋月\n", "bad.tsv:1:"),
        ("", "bad.tsv: the file is empty"),
    ],
)
def test_bad_rows_stop_before_training(nlpx: Command, tmp_path: Path, rows: str, expected: str) -> None:
    (tmp_path / "bad.tsv").write_text(rows, encoding="utf-8")
    config = tmp_path / "bad.yaml"
    source = "{type: pairs, train: bad.tsv, valid: bad.tsv}"
    config.write_text(f"task: couplet\ndata: {{source: {source}}}\n", encoding="utf-8")
    shown = nlpx("train", config, "--output", tmp_path / "runs")
    assert shown.code == 3
    assert expected in shown.text
    assert not (tmp_path / "runs").exists()


def test_bad_rows_can_be_skipped_and_are_listed(nlpx: Command, tmp_path: Path) -> None:
    rows = "".join(f"{'春夏秋冬'[i % 4]}风\t{'花草树木'[i % 4]}雨\n" for i in range(40))
    (tmp_path / "some.tsv").write_text(rows + "一\t二三\n", encoding="utf-8")
    config = tmp_path / "some.yaml"
    config.write_text(
        "task: couplet\ndata: {source: {type: pairs, train: some.tsv, holdout: 8}, on_bad_line: skip}\n"
        "vocabulary: {min_count: 1}\nmodel: {embedding: {dim: 8}, encoder: [{type: gated_conv}]}\ntrain: {epochs: 1}\n",
        encoding="utf-8",
    )
    shown = nlpx("train", config, "--output", tmp_path / "runs", "--name", "s")
    assert shown.code == 0
    assert "1 bad row is left out" in shown.text
    listed = (tmp_path / "runs" / "couplet" / "s" / "bad_rows.txt").read_text(encoding="utf-8")
    assert "some.tsv:41: the upper line has 1 characters and the lower 2" in listed
