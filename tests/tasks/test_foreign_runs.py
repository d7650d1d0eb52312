"""Runs that were damaged, or made to do harm, between training and use."""

from __future__ import annotations

import hashlib
import json
import shutil
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from nlpx.text.vocabulary import Vocabulary
from tests.forks import Forks
from tests.tasks.conftest import Command

TINY = Path("couplet") / "tiny"


def _best(run: Path) -> Path:
    return run / "checkpoints" / (run / "best").read_text(encoding="utf-8").strip()


def _sealed(checkpoint: Path, name: str, content: bytes) -> None:
    """Another file of a checkpoint, with the right hash in its manifest."""
    (checkpoint / name).write_bytes(content)
    manifest = json.loads((checkpoint / "manifest.json").read_text(encoding="utf-8"))
    manifest["files"][name] = {"sha256": hashlib.sha256(content).hexdigest(), "size": len(content)}
    (checkpoint / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")


def _vast(run: Path) -> Path:
    """Weights that claim 36 TiB."""
    header = "{'descr': '<f4', 'fortran_order': False, 'shape': (9999999999999,), }".ljust(117) + "\n"
    content = b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode()
    made = run / "made.npz"
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("weights/0000.npy", content)
    _sealed(_best(run), "weights.npz", made.read_bytes())
    return _best(run) / "weights.npz"


def _flipped(name: str) -> Callable[[Path], Path]:
    def flip(run: Path) -> Path:
        content = bytearray((run / name).read_bytes())
        content[len(content) // 2] ^= 1
        (run / name).write_bytes(bytes(content))
        return run / name

    return flip


def _cut(name: str) -> Callable[[Path], Path]:
    def cut(run: Path) -> Path:
        (run / name).write_bytes((run / name).read_bytes()[:-20])
        return run / name

    return cut


def _without(name: str) -> Callable[[Path], Path]:
    def remove(run: Path) -> Path:
        (run / name).unlink()
        return run / name

    return remove


@pytest.mark.parametrize(
    "damage",
    [
        _flipped("vocabulary/char.json"),
        _without("vocabulary/char.json"),
        _without("vocabulary/keys.u64"),
        _cut("snapshot.json"),
        _vast,
    ],
    ids=["vocabulary", "no vocabulary", "no keys", "snapshot", "36 TiB"],
)
def test_predict_names_what_is_damaged(nlpx: Command, runs: Path, damage: Callable[[Path], Path]) -> None:
    path = damage(runs / TINY)
    shown = nlpx("predict", runs / TINY, "--text", "春风")
    assert (shown.code, str(path) in shown.text) == (4, True), shown.text


def test_log_that_is_a_link_is_not_written_through(nlpx: Command, runs: Path, tmp_path: Path) -> None:
    target = tmp_path / "precious"
    target.write_text("precious", encoding="utf-8")
    (runs / TINY / "log.txt").unlink()
    (runs / TINY / "log.txt").symlink_to(target)
    for command in (("predict", "--text", "春风"), ("eval",)):
        shown = nlpx(command[0], runs / TINY, *command[1:])
        assert (shown.code, "log.txt: damaged: it is a symbolic link" in shown.text) == (4, True), shown.text
    assert target.read_text(encoding="utf-8") == "precious"


def test_predictions_that_are_a_link_are_not_written_through(
    nlpx: Command, runs: Path, tmp_path: Path
) -> None:
    target = tmp_path / "precious"
    target.write_text("precious", encoding="utf-8")
    path = runs / TINY / "eval" / "test.predictions.jsonl"
    path.unlink()
    path.symlink_to(target)
    shown = nlpx("eval", runs / TINY)
    assert (shown.code, "it is a symbolic link" in shown.text) == (4, True), shown.text
    assert target.read_text(encoding="utf-8") == "precious"


def test_a_file_in_the_place_of_the_evaluations(nlpx: Command, runs: Path) -> None:
    folder = runs / TINY / "eval"
    shutil.rmtree(folder)
    folder.write_text("mine", encoding="utf-8")
    shown = nlpx("eval", runs / TINY)
    assert (shown.code, f"{folder}: this folder cannot be created" in shown.text) == (4, True), shown.text
    assert folder.read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize("form", ["couplet/tiny", "couplet/t", "couplet/tiny/"])
def test_a_run_is_named_as_it_is_listed(nlpx: Command, runs: Path, form: str) -> None:
    assert nlpx("predict", form, "--root", runs, "--text", "春风").code == 0
    shown = nlpx("predict", "tiny", "--root", runs, "--text", "春风")
    assert (shown.code, "couplet/tiny segmentation/tiny" in shown.text) == (2, True), shown.text
    shown = nlpx("train", "--resume", form, "--output", runs)
    assert (shown.code, "is finished" in shown.text) == (2, True)


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"step": -1}, "negative"),
        ({"step": 10**30}, "beyond"),
        ({"best": "x"}, "best: Input should be"),
        ({"offsets": {"metrics.jsonl": -5}}, "negative"),
        ({"interval": []}, "interval"),
    ],
)
def test_progress_that_cannot_be(nlpx: Command, runs: Path, values: dict[str, object], reason: str) -> None:
    from nlpx.engine.checkpoint import Checkpoints
    from nlpx.errors import CheckpointError

    run = runs / TINY
    checkpoint = _best(run)
    state = json.loads((checkpoint / "state.json").read_text(encoding="utf-8"))
    _sealed(checkpoint, "state.json", json.dumps({**state, **values}).encode())
    with pytest.raises(CheckpointError, match=rf"state\.json: cannot be read: .*{reason}"):
        Checkpoints(run).load(int(checkpoint.name.removeprefix("step-")))


def test_a_disk_that_is_full_before_training_leaves_no_run(
    nlpx: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = tmp_path / "small.yaml"
    config.write_text("task: couplet\ndata: {limit: 20}\n", encoding="utf-8")

    def full(vocabulary: Vocabulary, path: Path) -> None:
        if path.parent.name == "vocabulary":
            raise OSError(28, "No space left on device")
        save(vocabulary, path)

    save = Vocabulary.save
    monkeypatch.setattr(Vocabulary, "save", full)
    shown = nlpx("train", config, "--output", tmp_path / "runs")
    assert (shown.code, "vocabulary: cannot be written: No space left" in shown.text) == (4, True), shown.text
    assert list((tmp_path / "runs" / "couplet").iterdir()) == []


def test_calibration_of_nothing_that_the_task_chooses(nlpx: Command, runs: Path) -> None:
    (runs / TINY / "calibration.json").write_text('{"temperature": 0}', encoding="utf-8")
    shown = nlpx("predict", runs / TINY, "--text", "春风")
    assert (shown.code, "calibration.json: damaged: 'temperature' is nothing" in shown.text) == (4, True)


def in_a_process_of_its_own(forks: Forks, *words: str | Path) -> tuple[int, str]:
    """Exit code and messages: a model that could not be built leaves Keras unfit for others."""
    process = forks.start("tests.forks:command", *words)
    return process.wait(), process.err.read_text(encoding="utf-8")


def test_a_model_of_impossible_size(runs: Path, forks: Forks) -> None:
    resolved = runs / TINY / "resolved.yaml"
    text = resolved.read_text(encoding="utf-8")
    assert "dim: 16" in text
    resolved.write_text(text.replace("dim: 16", "dim: 999999999999999999"), encoding="utf-8")
    code, told = in_a_process_of_its_own(forks, "predict", runs / TINY, "--text", "春风")
    assert (code, "resolved.yaml: damaged: the model does not fit" in told) == (4, True), told
    line = told.splitlines()[-1]
    assert not any(internal in line for internal in ("x1b", "{{", "Op:", "Arguments received")), line


def test_training_a_model_of_impossible_size(tmp_path: Path, forks: Forks) -> None:
    config = tmp_path / "c.yaml"
    text = "task: couplet\ndata: {limit: 20}\nmodel: {embedding: {dim: 999999999999999999}}\n"
    config.write_text(text, encoding="utf-8")
    code, told = in_a_process_of_its_own(forks, "train", config, "--output", tmp_path / "runs")
    assert (code, "the model does not fit in memory, or is impossible" in told) == (2, True), told


@pytest.mark.parametrize("content", ["root:x:0:0:secret", None])
def test_a_file_that_the_config_of_a_run_names_is_not_shown(
    nlpx: Command, runs: Path, tmp_path: Path, content: str | None
) -> None:
    run, named = runs / "segmentation" / "tiny", tmp_path / "named"
    if content is not None:
        named.write_text(content + "\n", encoding="utf-8")
    text = (run / "resolved.yaml").read_text(encoding="utf-8")
    assert "dictionary: null" in text
    (run / "resolved.yaml").write_text(
        text.replace("dictionary: null", f"dictionary: {named}"), encoding="utf-8"
    )
    for command in (("predict", run, "--text", "春风"), ("eval", run)):
        shown = nlpx(*command)
        assert (shown.code, f"(decode.dictionary: {named})" in shown.text) == (4, True), shown.text
        assert "secret" not in shown.out + shown.err


def test_a_file_that_the_command_line_names_is_explained(nlpx: Command, runs: Path, tmp_path: Path) -> None:
    named = tmp_path / "named"
    named.write_text("微信号\n", encoding="utf-8")
    run = runs / "segmentation" / "tiny"
    shown = nlpx("predict", run, "--text", "春风", "--set", f"decode.dictionary={named}")
    assert (shown.code, "got '微信号'" in shown.text) == (3, True), shown.text
