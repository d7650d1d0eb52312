"""The content of snapshot.json and of eval/SPLIT.json, typed."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, FailFast, JsonValue, ValidationError

from nlpx.errors import DamagedRun
from nlpx.runs.directory import RunDirectory
from nlpx.runs.files import read_json

LONGEST_PLACE = 100
"""Characters of a damaged key that a message shows."""


# One of a million damaged items is told: an error for each would take gigabytes.
Texts = Annotated[list[str], FailFast()]


class Record(BaseModel):
    """A JSON object; keys that a later nlpx has added are passed over."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    @classmethod
    def read(cls, path: Path) -> Self:
        """The record of a JSON file; raises DamagedRun if it cannot be read or is damaged."""
        try:
            return cls.model_validate(read_json(path))
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            where = ".".join(map(str, first["loc"]))[:LONGEST_PLACE] or "the file"
            raise DamagedRun(path, f"{where}: {first['msg']}") from None


class SplitRecord(Record):
    """The data of a split: hash of what it is read from, and counts of its rows."""

    sha256: str
    rows: int = 0
    bad: int = 0
    left_out: int = 0


class ProjectRecord(Record):
    """Commit of the project; changes.patch holds uncommitted changes where there are any."""

    commit: str
    changed: bool
    patch_complete: bool


class Snapshot(Record):
    """The content of snapshot.json.

    Attributes:
        format: version of the run's layout.
        created: UTC, ISO 8601.
        task, seed: of the experiment.
        command: the command line.
        versions: of Python and of the packages whose change can change a result.
        platform, cpus, environment: the machine; CPUs are those the process may use.
        cpu, devices: its processor, and what the framework computes on; empty in older runs.
        project: the git repository around the config.
        monitor: the number that decides which checkpoint is best.
        directions: which way a metric is better.
        experiment: the resolved config.
        config_sha256: of config.yaml.
        data: by split.
        vocabularies: sha256 by name.
        includes: sha256 of plugin files by path.
    """

    format: int
    created: str
    task: str
    seed: int
    command: Texts
    versions: dict[str, str]
    platform: str
    cpus: int
    cpu: str = ""
    devices: Texts = []
    environment: dict[str, str]
    project: ProjectRecord | None
    monitor: str
    directions: dict[str, Literal["min", "max"]]
    experiment: dict[str, JsonValue]
    config_sha256: str
    data: dict[str, SplitRecord]
    vocabularies: dict[str, str]
    includes: dict[str, str]

    @classmethod
    def of(cls, run: RunDirectory) -> Snapshot:
        """The snapshot of a run; raises DamagedRun if it cannot be read or is damaged."""
        return cls.read(run.snapshot)


class EvaluationRecord(Record):
    """The content of eval/SPLIT.json.

    Attributes:
        split: what was measured.
        step: of the checkpoint.
        rows: how many.
        metrics: `name`, and `group/name` for every group of rows.
        signatures: how a metric was computed, for those that say so.
    """

    split: str
    step: int
    rows: int
    metrics: dict[str, float]
    signatures: dict[str, str] = {}


def evaluations(run: RunDirectory) -> dict[str, EvaluationRecord]:
    """What `nlpx eval` has left in a run, by split; raises DamagedRun for a damaged file."""
    return {path.stem: EvaluationRecord.read(path) for path in sorted(run.eval_folder.glob("*.json"))}
