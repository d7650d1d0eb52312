"""Records for Trackio."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, ClassVar, Literal

from pydantic import PrivateAttr

from nlpx.components.observers.project_recorder import Place, ProjectRecorder
from nlpx.components.observers.run_facts import Ending, RunFacts


class Trackio(ProjectRecorder):
    """Record the run for Trackio, in a database in the folder `trackio` next to the folders of the tasks.

    The config of the run in Trackio also has `nlpx.status`, `nlpx.tags` and `nlpx.note`. No server is
    started, and nothing is sent anywhere, whatever $TRACKIO_SPACE_ID and $TRACKIO_SERVER_URL say.

    Options:
        project: name of the project of Trackio, a file of its own; default: the task.
    Shapes: metrics by step: train/loss, train/learning_rate, valid/METRIC, best/METRIC, test/METRIC.
    Data: any.
    Relations: changes no result. `TRACKIO_DIR=runs/trackio trackio show` shows the records. $NLPX_RECORDS
        names another folder for them.
    Reference: trackio.
    Example:
        observers: [trackio]
    """

    extra: ClassVar[str] = "trackio"

    type: Literal["trackio"] = "trackio"

    _project: str = PrivateAttr("")
    _config: dict[str, object] = PrivateAttr(default_factory=dict)
    _last: tuple[int, dict[str, float]] | None = PrivateAttr(None)

    def _begin_or_continue(self, facts: RunFacts, project: str) -> Collection[Place]:
        self._project = project
        self._storage.validate_project_name(project)
        self._storage.init_db(project)
        self._config = {
            **{name.lstrip("_"): value for name, value in facts.parameters.items()},
            "_Username": None,
            "_Created": facts.created,
            "_Group": None,
        }
        self._describe("running", facts.tags, facts.note)
        rows = self._storage.get_logs(project, run=facts.name, run_id=facts.id)
        for row in rows:
            self._last = row["step"], {name: value for name, value in row.items() if "/" in name}
        return [(row["step"], name) for row in rows for name in row if "/" in name]

    @property
    def _storage(self) -> Any:
        """What writes the database at once; `trackio.log` would leave that, and failures, to a thread."""
        from trackio import sqlite_storage

        # Trackio reads $TRACKIO_DIR when it is imported, perhaps by somebody else.
        sqlite_storage.TRACKIO_DIR = self.folder
        return sqlite_storage.SQLiteStorage

    def _write(self, step: int, numbers: Mapping[str, float]) -> None:
        self._last = step, dict(numbers)
        self._log(step, numbers)

    def _end(self, ending: Ending, tags: Sequence[str], note: str) -> None:
        self._describe(ending, tags, note)
        if self._last is not None:
            self._log(*self._last)  # the row is there; the config is written again

    def _describe(self, status: str, tags: Sequence[str], note: str) -> None:
        self._config |= {"nlpx.status": status, "nlpx.tags": list(tags), "nlpx.note": note}

    def _log(self, step: int, numbers: Mapping[str, float]) -> None:
        facts = self._facts
        self._storage.bulk_log(
            project=self._project,
            run=facts.name,
            run_id=facts.id,
            metrics_list=[dict(numbers)],
            steps=[step],
            config=self._config,
            # A row of the same id is written once.
            log_ids=[f"{facts.id}-{step}-{min(numbers)}"],
        )
