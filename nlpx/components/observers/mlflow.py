"""Records for MLflow."""

from __future__ import annotations

import logging
import os
import posixpath
import re
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, ClassVar, Literal
from urllib.request import pathname2url

from filelock import FileLock
from pydantic import PrivateAttr

from nlpx.components.observers.project_recorder import Place, ProjectRecorder
from nlpx.components.observers.run_facts import Ending, RunFacts

AT_ONCE = 100
LONGEST_KEY, LONGEST_VALUE = 250, 6000
"""What MLflow takes."""
NO_KEY = re.compile(r"[^\w./ :-]")
WAIT = 60.0
"""Seconds to wait for other processes that write the same file."""
STATUS = {"finished": "FINISHED", "interrupted": "KILLED", "diverged": "FAILED", "failed": "FAILED"}


class MLflow(ProjectRecorder):
    """Record the run for MLflow, in the database `mlflow/mlflow.db` next to the folders of the tasks.

    The tag `nlpx.id` finds the run again when it is resumed, and `nlpx.status` says how it ended. Nothing is
    sent anywhere, whatever $MLFLOW_TRACKING_URI says.

    Options:
        project: name of the experiment of MLflow; default: the task.
    Shapes: metrics by step: train/loss, train/learning_rate, valid/METRIC, best/METRIC, test/METRIC.
    Data: any.
    Relations: changes no result. The package mlflow shows the records with
        `mlflow ui --backend-store-uri sqlite:///runs/mlflow/mlflow.db`. $NLPX_RECORDS names another folder.
    Reference: mlflow.MlflowClient.
    Example:
        observers: [mlflow]
    """

    extra: ClassVar[str] = "mlflow"

    type: Literal["mlflow"] = "mlflow"

    _client: Any = PrivateAttr(None)
    _run: str = PrivateAttr("")

    def _begin_or_continue(self, facts: RunFacts, project: str) -> Collection[Place]:
        os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"  # read when MLflow is imported
        from mlflow import MlflowClient

        # It logs tracebacks of what it raises, too.
        logging.getLogger("mlflow.store").setLevel(logging.CRITICAL)
        logging.getLogger("alembic").setLevel(logging.WARNING)
        database = pathname2url(str(self.folder / "mlflow.db"))
        with self._alone():
            self._client = client = MlflowClient(tracking_uri=f"sqlite:///{database}")
            found = client.get_experiment_by_name(project)
            if found is None:
                artifacts = (self.folder / "artifacts").as_uri()
                experiment = client.create_experiment(project, artifact_location=artifacts)
            else:
                experiment = found.experiment_id
            runs = client.search_runs([experiment], f"tags.`nlpx.id` = '{facts.id}'", max_results=1)
            if runs:
                self._run = runs[0].info.run_id
                client.update_run(self._run, status="RUNNING", name=facts.name)
            else:
                tags = {"nlpx.id": facts.id, "nlpx.task": facts.task}
                self._run = client.create_run(experiment, tags=tags, run_name=facts.name).info.run_id
            self._describe("running", facts.tags, facts.note)
            self._log_parameters(facts.parameters)
            return list(self._places())

    def _write(self, step: int, numbers: Mapping[str, float]) -> None:
        from mlflow.entities import Metric

        now = int(time.time() * 1000)
        metrics = [Metric(_key(name), value, now, step) for name, value in numbers.items()]
        with self._alone():
            self._client.log_batch(self._run, metrics=metrics)

    def _end(self, ending: Ending, tags: Sequence[str], note: str) -> None:
        with self._alone():
            self._describe(ending, tags, note)
            self._client.set_terminated(self._run, STATUS[ending])

    def _alone(self) -> FileLock:
        """Held while the database is used: a process that waits for another must not fail."""
        return FileLock(self.folder / "mlflow.lock", timeout=WAIT)

    def _places(self) -> Iterator[Place]:
        for name in self._client.get_run(self._run).data.metrics:
            for metric in self._client.get_metric_history(self._run, name):
                yield metric.step, name

    def _new(self, step: int, numbers: Mapping[str, float]) -> dict[str, float]:
        return super()._new(step, {_key(name): value for name, value in numbers.items()})

    def _log_parameters(self, parameters: Mapping[str, object]) -> None:
        """Write those that are not there: MLflow refuses to change one."""
        from mlflow.entities import Param

        there = self._client.get_run(self._run).data.params
        named: dict[str, str] = {}
        for name, value in parameters.items():
            key, number = _key(name), 2
            while key in named:
                key, number = f"{_key(name)[: LONGEST_KEY - 5]}_{number}", number + 1
            named[key] = str(value)[:LONGEST_VALUE]
        new = [Param(key, value) for key, value in named.items() if key not in there]
        for start in range(0, len(new), AT_ONCE):
            self._client.log_batch(self._run, params=new[start : start + AT_ONCE])

    def _describe(self, status: str, tags: Sequence[str], note: str) -> None:
        wanted = {"nlpx.status": status, "nlpx.tags": " ".join(tags), "mlflow.note.content": note}
        for key, value in wanted.items():
            self._client.set_tag(self._run, key, value[:LONGEST_VALUE])


def _key(name: str) -> str:
    """A name without the characters that MLflow refuses."""
    key = NO_KEY.sub("_", name)[:LONGEST_KEY]
    return key if posixpath.normpath(key) == key and key[0] not in "./" else key.replace("/", "_").lstrip(".")
