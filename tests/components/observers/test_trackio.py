"""Records read back with Trackio."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("trackio")

from trackio import sqlite_storage

from nlpx.components.observers.trackio import Trackio
from nlpx.errors import EnvironmentProblem
from tests.components.observers.scripted import EXPECTED, FINAL, PARAMETERS, play


def record(folder: Path, project: str = "couplet") -> tuple[dict[str, Any], list[tuple[int, str, float]]]:
    """The config of the only run of a project, and its values."""
    sqlite_storage.TRACKIO_DIR = folder / "trackio"
    storage = sqlite_storage.SQLiteStorage
    (run,) = storage.get_run_records(project)
    assert (run["id"], run["name"]) == ("0123456789abcdef", "对联-1")
    rows = storage.get_logs(project, run=run["name"], run_id=run["id"])
    values = [(row["step"], name, value) for row in rows for name, value in row.items() if "/" in name]
    return storage.get_run_config(project, run["name"]), sorted(values)


def test_a_killed_and_resumed_run_is_one_record(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRACKIO_SERVER_URL", "http://127.0.0.1:9?write_token=x")
    told: list[str] = []
    recorder = Trackio(tags=["mine"], note="of the config")
    play(recorder, tmp_path, until=27, warn=told.append, ending=None)
    config, values = record(tmp_path)
    assert values == [each for each in EXPECTED if each[0] <= 27]
    assert config["nlpx.status"] == "running"
    play(recorder, tmp_path, after=20, until=33, warn=told.append, ending="interrupted")
    assert record(tmp_path)[0]["nlpx.status"] == "interrupted"
    play(recorder, tmp_path, after=33, warn=told.append)
    expected = sorted([*EXPECTED, *((50, name, value) for name, value in FINAL.items())])
    # Resumed when all is recorded but how it ended.
    play(recorder, tmp_path, after=50, warn=told.append)
    config, values = record(tmp_path)
    assert values == expected
    assert {name: config[name] for name in PARAMETERS} == PARAMETERS
    assert (config["nlpx.status"], config["nlpx.tags"]) == ("finished", ["mine", "good", "better"])
    assert config["nlpx.note"] == "of the config\nof the user"
    assert told == []


def test_a_database_that_is_spoilt_in_training_is_told(tmp_path: Path) -> None:
    told: list[str] = []
    play(Trackio(), tmp_path, until=20, warn=told.append, ending=None)
    with sqlite3.connect(tmp_path / "trackio" / "couplet.db") as database:
        database.execute("DROP TABLE metrics")
        database.execute("CREATE TABLE metrics (something TEXT)")
    play(Trackio(), tmp_path, after=20, warn=told.append)
    assert told[0].startswith("recorder trackio: failed, its record will be completed")
    assert told[1].startswith("recorder trackio: its record could not be completed")


def test_a_name_that_trackio_refuses_is_refused_before_training(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentProblem, match=r"recorder trackio cannot begin .*reserved"):
        play(Trackio(project="registry-x"), tmp_path)
