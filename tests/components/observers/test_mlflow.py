"""Records read back with MLflow."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from nlpx.components.observers.mlflow import MLflow
from nlpx.errors import EnvironmentProblem
from tests.components.observers.scripted import EXPECTED, FINAL, facts, play

pytestmark = pytest.mark.skipif(
    None in map(find_spec, ["mlflow", "sqlalchemy"]), reason="MLflow is not installed"
)
FINAL_VALUES = [(50, name, value) for name, value in FINAL.items()]


def client(folder: Path) -> Any:
    from mlflow import MlflowClient  # which takes a second of every worker that collects this file

    return MlflowClient(tracking_uri=f"sqlite:///{folder}/mlflow/mlflow.db")


def record(folder: Path, project: str) -> tuple[Any, list[tuple[int, str, float]]]:
    """The only run of a project, with the values of its metrics."""
    from mlflow.entities import ViewType

    reader = client(folder)
    experiment = reader.get_experiment_by_name(project)
    (run,) = reader.search_runs([experiment.experiment_id], run_view_type=ViewType.ALL)
    values = [
        (metric.step, name, metric.value)
        for name in run.data.metrics
        for metric in reader.get_metric_history(run.info.run_id, name)
    ]
    return run, sorted(values)


def test_a_killed_and_resumed_run_is_one_record(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:9")
    told: list[str] = []
    recorder = MLflow(tags=["mine"], note="of the config")
    play(recorder, tmp_path, until=27, warn=told.append, ending=None)
    run, values = record(tmp_path, "couplet")
    assert values == [each for each in EXPECTED if each[0] <= 27]
    assert (run.info.status, run.data.tags["nlpx.status"]) == ("RUNNING", "running")
    play(recorder, tmp_path, after=20, until=33, warn=told.append, ending="interrupted")
    run, values = record(tmp_path, "couplet")
    assert (run.info.status, run.data.tags["nlpx.status"]) == ("KILLED", "interrupted")
    play(recorder, tmp_path, after=33, warn=told.append)
    run, values = record(tmp_path, "couplet")
    assert values == sorted([*EXPECTED, *FINAL_VALUES])
    assert run.data.metrics["best/nll"] == 1.75
    assert (run.info.status, run.info.run_name) == ("FINISHED", "对联-1")
    assert run.data.params == {
        "task": "couplet",
        "train.epochs": "5",
        "init": "None",
        "tricks.0.multipliers.embedding/_": "0.1",
        "tricks.0.multipliers.embedding/__2": "0.2",
        "observers": "[]",
    }
    tags = {key: value for key, value in run.data.tags.items() if key != "mlflow.runName"}
    assert tags == {
        "nlpx.id": "0123456789abcdef",
        "nlpx.task": "couplet",
        "nlpx.status": "finished",
        "nlpx.tags": "mine good better",
        "mlflow.note.content": "of the config\nof the user",
    }
    assert run.info.artifact_uri.startswith((tmp_path / "mlflow" / "artifacts").as_uri())
    assert told == []

    # Another project in the same database; the parameters of a moved run have changed.
    moved = MLflow(project="other").prepare()
    moved.open(facts(tmp_path), told.append)
    moved.close("diverged")
    moved = MLflow(project="other").prepare()
    moved.open(facts(tmp_path, parameters={"task": "title", "new": 1}, resumed=True), told.append)
    moved.close("failed")
    run, values = record(tmp_path, "other")
    assert (run.info.status, run.data.params["task"], run.data.params["new"], values) == (
        "FAILED",
        "couplet",
        "1",
        [],
    )
    assert told == []


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mlflow").mkdir()
    (tmp_path / "mlflow" / "mlflow.db").write_text("no database " * 99, encoding="utf-8")
    with pytest.raises(EnvironmentProblem, match=r"recorder mlflow cannot begin .*not a database"):
        play(MLflow(), tmp_path)
