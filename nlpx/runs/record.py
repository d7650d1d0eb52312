"""The content of snapshot.json and of eval/SPLIT.json, typed."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, FailFast, JsonValue, ValidationError

from nlpx.errors import DamagedRun
from nlpx.runs.directory import RunDirectory
from nlpx.runs.files import read_json

LONGEST_PLACE = 100
"""Number of characters of a damaged key shown in a message."""


# Reports only the first of a million damaged items; an error for each would take gigabytes.
Texts = Annotated[list[str], FailFast()]


class Record(BaseModel):
    """A JSON object; unknown keys, as written by a later version of nlpx, are ignored."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    @classmethod
    def read(cls, path: Path) -> Self:
        """The record of a JSON file; raises DamagedRun if it cannot be read or is damaged."""
        return cls.of_json(read_json(path), path)

    @classmethod
    def of_json(cls, value: object, path: Path) -> Self:
        """The record of a JSON value; raises DamagedRun, which names the path."""
        try:
            return cls.model_validate(value)
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            where = ".".join(map(str, first["loc"]))[:LONGEST_PLACE] or "the file"
            raise DamagedRun(path, f"{where}: {first['msg']}") from None


class SplitRecord(Record):
    """The data of a split: hash of its files, and counts of its rows."""

    sha256: str
    rows: int = 0
    bad: int = 0
    left_out: int = 0


class ProjectRecord(Record):
    """Commit of the project; changes.patch contains uncommitted changes, if any."""

    commit: str
    changed: bool
    patch_complete: bool


class Snapshot(Record):
    """The content of snapshot.json.

    Attributes:
        created: UTC, ISO 8601.
        versions: versions of Python and of packages that can affect results.
        packages: versions of all installed packages; empty in older runs.
        platform, cpus, environment: the machine; cpus is the number available to the process.
        cpu, devices: processor, and devices of TensorFlow; empty in older runs.
        directions: for every metric, whether lower or higher is better.
        data: records of the data by split.
        vocabularies: SHA-256 by name.
        includes: SHA-256 of plugin files by path.
    """

    format: int
    created: str
    task: str
    seed: int
    command: Texts
    versions: dict[str, str]
    packages: dict[str, str] = {}
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
    """The content of eval/SPLIT.json; metrics are `name`, and `subset/name` for every subset.

    Attributes:
        references: metrics of reference systems, by system; of `nlpx eval --reference`.
    """

    split: str
    step: int
    rows: int
    metrics: dict[str, float]
    signatures: dict[str, str] = {}
    references: dict[str, dict[str, float]] = {}


def evaluations(run: RunDirectory) -> dict[str, EvaluationRecord]:
    """The results of `nlpx eval` in a run by split; raises DamagedRun for a damaged file."""
    return {path.stem: EvaluationRecord.read(path) for path in sorted(run.eval_folder.glob("*.json"))}
