"""The records of a run."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from nlpx.components.observers.base import Setting
from nlpx.components.observers.events import Evaluated, Event, LossLogged, StepDone
from nlpx.engine.observers.recorder import Recorder
from nlpx.errors import CheckpointError, DamagedRun, EnvironmentProblem


def setting(directory: Path) -> Setting:
    return Setting(directory, None, total_steps=9, updates_per_epoch=4, monitor="valid/nll")


def opened(directory: Path, offsets: Mapping[str, int] | None = None) -> Recorder:
    recorder = Recorder(directory)
    recorder.rewind(offsets or {})
    recorder.begin(setting(directory))
    return recorder


def evaluated(step: int, metrics: dict[str, float], answer: str = "下联") -> Event:
    return Evaluated(step, 0, metrics, [{"input": "上联，\n\u2028", "answer": answer}], improved=True)


def tell(recorder: Recorder, *events: Event) -> None:
    for event in events:
        recorder.on(event)


def test_files_of_an_evaluation(tmp_path: Path) -> None:
    recorder = opened(tmp_path)
    for content in (b"before it was killed", b"\x89PNG"):
        tell(recorder, Evaluated(7, 0, {}, [], improved=True, files={"samples.png": content}))
    assert [path.name for path in (tmp_path / "samples").iterdir()] == ["step-00000007-samples.png"]
    assert (tmp_path / "samples" / "step-00000007-samples.png").read_bytes() == b"\x89PNG"


def test_lines_of_all_three_files(tmp_path: Path) -> None:
    recorder = opened(tmp_path)
    tell(
        recorder,
        StepDone(1, 0, 1.0, 2.0, 0.1, 0.2, seconds=3.0),
        LossLogged(2, 0, loss=0.1 + 0.2, learning_rate=1e-3, gradient_norm=float("inf")),
        evaluated(4, {"valid/nll": 1.5}),
        evaluated(6, {"valid/nll": 1.25, "valid/f1": float("nan")}, "横批"),
        LossLogged(8, 0, loss=0.25, learning_rate=1e-3, gradient_norm=2.0),
    )
    lines = (tmp_path / "metrics.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line) for line in lines] == [
        {
            "step": 2,
            "epoch": 0.5,
            "train/loss": 0.1 + 0.2,
            "train/learning_rate": 1e-3,
            "train/gradient_norm": None,
        },
        {"step": 4, "epoch": 1.0, "valid/nll": 1.5},
        {"step": 6, "epoch": 1.5, "valid/nll": 1.25, "valid/f1": None},
        {
            "step": 8,
            "epoch": 2.0,
            "train/loss": 0.25,
            "train/learning_rate": 1e-3,
            "train/gradient_norm": 2.0,
        },
    ]
    with (tmp_path / "metrics.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for row, line in zip(rows, lines, strict=True):
        wanted = json.loads(line)
        for name, cell in row.items():
            assert cell == ("" if wanted.get(name) is None else str(wanted[name]))
    text = (tmp_path / "samples.jsonl").read_bytes()
    samples = [json.loads(line) for line in text.decode().split("\n")[:-1]]
    assert samples[1] == {"step": 6, "input": "上联，\n\u2028", "answer": "横批"}
    assert "上联".encode() in text


def test_rewind_cuts_to_the_offsets_and_goes_on_as_if_nothing_had_happened(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    events = [evaluated(step, {"valid/nll": float(step)}) for step in range(1, 6)]
    for directory in (first, second):
        directory.mkdir()
    tell(opened(first), *events)
    recorder = opened(second)
    tell(recorder, *events[:2])
    offsets = recorder.offsets()
    tell(recorder, events[2], evaluated(9, {"valid/only_before_the_kill": 1.0}))
    with (second / "metrics.jsonl").open("a", encoding="utf-8") as file:
        file.write('{"step": 5, "half a li')
    tell(opened(second, offsets), *events[2:])
    for name in ("metrics.jsonl", "metrics.csv", "samples.jsonl"):
        assert (first / name).read_bytes() == (second / name).read_bytes()


def test_a_new_run_begins_with_empty_files(tmp_path: Path) -> None:
    tell(opened(tmp_path), evaluated(1, {"valid/nll": 1.0}))
    opened(tmp_path)
    assert (tmp_path / "metrics.jsonl").read_bytes() == (tmp_path / "samples.jsonl").read_bytes() == b""
    assert (tmp_path / "metrics.csv").read_text(encoding="utf-8") == "step,epoch\n"


def test_missing_lines_are_reported(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match=r"samples.jsonl: 0 bytes long, but .* when it had 7"):
        opened(tmp_path, {"samples.jsonl": 7})


def test_updates_that_were_skipped_have_a_column_where_the_loss_is_scaled(tmp_path: Path) -> None:
    tell(
        opened(tmp_path),
        LossLogged(2, 0, loss=1.0, learning_rate=1e-3, gradient_norm=0.0, skipped=2),
        LossLogged(4, 0, loss=1.0, learning_rate=1e-3, gradient_norm=0.5, skipped=0),
    )
    with (tmp_path / "metrics.csv").open(encoding="utf-8", newline="") as file:
        assert [row["train/skipped_updates"] for row in csv.DictReader(file)] == ["2", "0"]


@pytest.mark.parametrize("name", ["metrics.jsonl", "samples.jsonl", "metrics.csv"])
def test_nothing_is_written_through_a_link(tmp_path: Path, name: str) -> None:
    target, run = tmp_path / "target", tmp_path / "run"
    run.mkdir()
    target.write_text("keep", encoding="utf-8")
    if name == "metrics.csv":  # it is made anew at first
        recorder = opened(run)
        tell(recorder, evaluated(1, {"valid/nll": 1.0}))
        (run / name).unlink()
    (run / name).symlink_to(target)
    with pytest.raises(EnvironmentProblem, match="cannot be written: it is a symbolic link"):
        tell(recorder if name == "metrics.csv" else opened(run), evaluated(2, {"valid/nll": 1.0}))
    assert target.read_text(encoding="utf-8") == "keep"


def test_a_folder_that_is_gone(tmp_path: Path) -> None:
    recorder = opened(tmp_path)
    for path in tmp_path.iterdir():
        path.unlink()
    tmp_path.rmdir()
    with pytest.raises(EnvironmentProblem, match="records of the run cannot be written: No such file"):
        tell(recorder, evaluated(1, {"valid/nll": 1.0}))
    with pytest.raises(EnvironmentProblem, match="No such file"):
        recorder.offsets()


@pytest.mark.parametrize("line", [b"[" * 100_000, b"{", b"[1]", b"\xff", b'{"step": ' + b"9" * 5000 + b"}"])
def test_a_damaged_line_is_named(tmp_path: Path, line: bytes) -> None:
    content = b'{"step": 1}\n' + line + b"\n"
    (tmp_path / "metrics.jsonl").write_bytes(content)
    with pytest.raises(DamagedRun, match=r"metrics\.jsonl:2: damaged"):
        Recorder(tmp_path).rewind({"metrics.jsonl": len(content)})
