"""Records read back from the files that `wandb sync` would upload."""

from __future__ import annotations

import json
import os
import signal
import struct
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from nlpx.components.observers.wandb import WandB
from nlpx.errors import EnvironmentProblem
from tests.components.observers.scripted import EXPECTED, FINAL, PARAMETERS, play

pytestmark = pytest.mark.skipif(find_spec("wandb") is None, reason="W&B is not installed")
BLOCK, HEADER, CHECKSUM = 32768, 7, 7
"""Sizes in bytes: of a block of a log file of LevelDB, of the file's own header, of that of a piece."""
FULL, LAST = 1, 4


def messages(path: Path) -> Iterator[Any]:
    """What a file holds, in order."""
    # Half a second of every worker that collects this file.
    from wandb.proto import wandb_internal_pb2 as protocol

    content = path.read_bytes()
    place, message = HEADER, b""
    while place + CHECKSUM <= len(content):
        if BLOCK - place % BLOCK < CHECKSUM:
            place += BLOCK - place % BLOCK
            continue
        _, length, kind = struct.unpack_from("<IHB", content, place)
        message += content[place + CHECKSUM : place + CHECKSUM + length]
        place += CHECKSUM + length
        if kind in (FULL, LAST):
            record = protocol.Record()
            record.ParseFromString(message)
            yield record
            message = b""


def record(folder: Path) -> tuple[dict[str, Any], dict[str, Any], list[tuple[int, str, float]]]:
    """What the only record says of its run, its summary, and its values."""
    (path,) = (folder / "wandb").glob("offline-run-*/run-*.wandb")
    about: dict[str, Any] = {"config": {}}
    summary: dict[str, Any] = {}
    values = []
    for message in messages(path):
        kind = message.WhichOneof("record_type")
        if kind == "run":
            run = message.run
            about |= {"id": run.run_id, "name": run.display_name, "project": run.project}
            about |= {"tags": list(run.tags), "note": run.notes}
            about["config"] |= items(run.config.update)
        elif kind == "history":
            found = items(message.history.item)
            values += [(found["_step"], *item) for item in found.items() if not item[0].startswith("_")]
        elif kind == "summary":
            summary |= items(message.summary.update)
        elif kind == "exit":
            about["exit_code"] = message.exit.exit_code
    return about, summary, sorted(values)


def items(found: Any) -> dict[str, Any]:
    return {each.key or "/".join(each.nested_key): json.loads(each.value_json) for each in found}


def test_a_killed_and_resumed_run_is_one_record(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WANDB_MODE", "online")
    monkeypatch.setenv("WANDB_BASE_URL", "http://127.0.0.1:9")
    told: list[str] = []
    recorder = WandB(tags=["mine"], note="of the config")
    play(recorder, tmp_path, until=27, warn=told.append, ending="interrupted")
    about, summary, values = record(tmp_path)
    assert values == [each for each in EXPECTED if each[0] <= 27]
    assert (about["exit_code"], summary["nlpx.status"]) == (1, "interrupted")
    play(recorder, tmp_path, after=20, warn=told.append)
    about, summary, values = record(tmp_path)
    assert values == EXPECTED
    assert {name: about["config"][name] for name in PARAMETERS} == PARAMETERS
    assert about | {"config": {}} == {
        "id": "0123456789abcdef",
        "name": "对联-1",
        "project": "couplet",
        "tags": ["mine", "good", "better"],
        "note": "of the config\nof the user",
        "config": {},
        "exit_code": 0,
    }
    assert {name: summary[name] for name in FINAL} == FINAL
    assert (summary["nlpx.status"], summary["best_step"]) == ("finished", 50)
    assert told == []


def test_a_service_that_dies_in_training_ends_nothing(tmp_path: Path) -> None:
    def kill_service(step: int) -> None:
        if step == 20:
            for number in services():
                os.kill(number, signal.SIGKILL)

    told: list[str] = []
    play(WandB(), tmp_path, warn=told.append, before=kill_service)
    assert [text.partition(",")[0] for text in told] == [
        "recorder wandb: failed",
        "recorder wandb: its record is complete now",
    ]
    about, summary, values = record(tmp_path)
    assert (values, about["exit_code"], summary["nlpx.status"]) == (EXPECTED, 0, "finished")


def services() -> list[int]:
    """The processes that this one has started to write files."""
    children = Path(f"/proc/self/task/{os.getpid()}/children")
    if not children.exists():
        pytest.skip("needs /proc")
    numbers = map(int, children.read_text(encoding="ascii").split())
    return [each for each in numbers if b"wandb-core" in Path(f"/proc/{each}/cmdline").read_bytes()]


def test_a_folder_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    (tmp_path / "wandb").write_text("a file", encoding="utf-8")
    with pytest.raises(EnvironmentProblem, match="recorder wandb cannot begin"):
        play(WandB(), tmp_path)
