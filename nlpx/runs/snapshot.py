"""Record the conditions of a run, and compare them when it is resumed.

Records only selected environment variables and no user names; the user's home folder is written as `~`.
"""

from __future__ import annotations

import importlib.metadata
import os
import platform
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from nlpx.core.files import current_folder, file_hash, replace_file
from nlpx.errors import DataError, UsageError
from nlpx.runs.config import missing_plugins
from nlpx.runs.directory import FORMAT, RunDirectory
from nlpx.runs.flatten import MISSING, differences
from nlpx.runs.project import project_state
from nlpx.runs.record import ProjectRecord, Snapshot, SplitRecord
from nlpx.runs.result_settings import result_settings

if TYPE_CHECKING:
    from nlpx.data.prepared import Counts
    from nlpx.specs.experiment import Experiment

PACKAGES = (
    *("nlpx", "tensorflow", "keras", "numpy", "scipy", "jieba", "pydantic", "PyYAML"),
    *("ml_dtypes", "h5py", "pillow", "faiss-cpu", "sacrebleu", "pypinyin"),
)
"""Packages that can affect results: dependencies, their dependencies, and extras."""
NOT_INSTALLED = "not installed"
ENVIRONMENT = re.compile(
    r"(NLPX|OMP|TF_(CPP|CUDNN|DETERMINISTIC|DISABLE|ENABLE|FORCE|GPU|NUM|USE|XLA))_\w+"
    r"|KERAS_BACKEND|XLA_FLAGS|CUDA_VISIBLE_DEVICES|PYTHONHASHSEED",
    re.ASCII,
)
"""Variables that can affect a run. Not all of TF_, because Terraform stores passwords there."""
SECRET = re.compile(r"TOKEN|KEY|SECRET|PASS|CREDENTIAL|AUTH", re.IGNORECASE)


def write_snapshot(
    run: RunDirectory,
    experiment: Experiment,
    *,
    fingerprints: Mapping[str, str],
    vocabularies: Mapping[str, str],
    counts: Mapping[str, Counts] | None = None,
    includes: Sequence[Path] = (),
    command: Sequence[str] | None = None,
    folder: Path | None = None,
    devices: Sequence[str] = (),
) -> Snapshot:
    """Write snapshot.json, and changes.patch if the project has uncommitted changes.

    Args:
        run: a run whose config.yaml exists.
        command: the command line; None selects that of this process.
        folder: folder of the config, whose git repository is recorded; None selects the current folder.

    Raises:
        EnvironmentProblem: the run cannot be written.
    """
    project = project_state(current_folder() if folder is None else folder.resolve())
    record = Snapshot(
        format=FORMAT,
        created=datetime.now(UTC).isoformat(timespec="microseconds"),
        task=experiment.type,
        seed=experiment.seed,
        command=_command(sys.argv if command is None else command),
        versions=versions(),
        packages=packages(),
        platform=platform.platform(),
        cpus=usable_cpus(),
        cpu=cpu_model(),
        devices=list(devices),
        environment={
            name: without_home(value)
            for name, value in sorted(os.environ.items())
            if ENVIRONMENT.fullmatch(name) and not SECRET.search(name)
        },
        project=None
        if project is None
        else ProjectRecord(
            commit=project.commit, changed=bool(project.patch), patch_complete=project.complete
        ),
        monitor=experiment.checkpoint.monitor,
        directions=experiment.numbers(),
        experiment=experiment.model_dump(mode="json"),
        config_sha256=file_hash(run.config),
        data={
            split: SplitRecord(sha256=sha256, **(asdict(counts[split]) if counts else {}))
            for split, sha256 in fingerprints.items()
        },
        vocabularies=dict(vocabularies),
        includes={str(path): file_hash(path) for path in includes},
    )
    if project is not None and project.patch:
        replace_file(run.patch, project.patch)
    replace_file(run.snapshot, record.model_dump_json(indent=1) + "\n")
    return record


def verify_resume(
    run: RunDirectory,
    experiment: Experiment,
    fingerprints: Mapping[str, str],
    *,
    vocabularies: Mapping[str, str] | None = None,
    includes: Sequence[Path] = (),
) -> list[str]:
    """Compare the present conditions with those when the run was started.

    Args:
        fingerprints: present SHA-256 of the data of each split.
        vocabularies: present SHA-256 of each vocabulary; None skips the comparison.

    Returns:
        Other changes that may affect the result, one per line: versions, CPUs, plugins.

    Raises:
        UsageError: the config has changed; the message lists the keys.
        DataError: the data or a vocabulary has changed; the message lists old and new hashes.
    """
    before = Snapshot.of(run)
    _verify_config(run, before, experiment)
    _verify_data(run, before, fingerprints, vocabularies or {})
    notes = [
        f"{package} was {old} when the run was started and is {new} now"
        for package, new in versions().items()
        # Older versions of nlpx recorded fewer packages.
        if (old := before.versions.get(package, new)) != new
    ]
    if before.cpu != cpu_model() and before.cpu:
        notes.append(f"the run was started on the processor {before.cpu} and is resumed on {cpu_model()}")
    if before.cpus != usable_cpus():
        notes.append(f"the run was started on {before.cpus} CPUs and is resumed on {usable_cpus()}")
    for path in includes:
        if file_hash(path) not in before.includes.values():
            notes.append(f"the plugin {path} has changed since the run was started")
    for name in missing_plugins(before.includes, includes):
        notes.append(f"the run was started with the plugin {name}, which is not included now")
    return notes


def verify_devices(run: RunDirectory, devices: Sequence[str]) -> list[str]:
    """A note if the devices differ from those when the run was started."""
    before = Snapshot.of(run).devices
    if not before or before == list(devices):
        return []
    return [f"the run was started on {', '.join(before)} and is resumed on {', '.join(devices)}"]


def _verify_config(run: RunDirectory, before: Snapshot, experiment: Experiment) -> None:
    old, new = result_settings(before.experiment), result_settings(experiment.model_dump(mode="json"))
    # Ignore options that were added after the run was created and are not used.
    changed = {
        key: row for key, row in differences([old, new]).items() if not (row[0] is MISSING and row[1] is None)
    }
    if changed:
        listed = "".join(f"\n  {key}: was {was!r}, is {now!r}" for key, (was, now) in changed.items())
        raise UsageError(
            f"{run.resolved}: the config has changed since the run was started:{listed}\nA run can only be "
            "resumed with its original config. Undo the changes, or train a new run with them."
        )
    if file_hash(run.config) != before.config_sha256:
        raise UsageError(
            f"{run.config}: this file has changed since the run was started. It is only a record; a run is "
            f"resumed with resolved.yaml. Undo the change, or train a new run: nlpx train {run.config}"
        )


def _verify_data(
    run: RunDirectory,
    before: Snapshot,
    fingerprints: Mapping[str, str],
    vocabularies: Mapping[str, str],
) -> None:
    old = {f"split {name}": split.sha256 for name, split in before.data.items()}
    new = {f"split {name}": sha256 for name, sha256 in fingerprints.items()}
    if vocabularies:
        # Ignore vocabularies that the task no longer uses.
        counted = {name: sha256 for name, sha256 in before.vocabularies.items() if name in vocabularies}
        old |= {f"vocabulary {name}": sha256 for name, sha256 in counted.items()}
        new |= {f"vocabulary {name}": sha256 for name, sha256 in vocabularies.items()}
    changed = differences([old, new])
    if changed:
        listed = "".join(
            f"\n  {name}: was {_short(was)}, is {_short(now)}" for name, (was, now) in changed.items()
        )
        raise DataError(
            f"{run.path}: the data has changed since the run was started (SHA-256):{listed}\n"
            "Restore the files, or train a new run."
        )


def _short(sha256: object) -> str:
    return f"{sha256[:16]}…" if isinstance(sha256, str) else "not there"


def versions() -> dict[str, str]:
    """Versions of Python and of packages that can affect results, without importing them."""
    return {"python": platform.python_version(), **dict(_versions(tuple(sys.path)))}


@lru_cache(maxsize=1)
def _versions(folders: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """Those of the packages in these folders, which do not change while a process uses them."""
    found = []
    for package in PACKAGES:
        try:
            found.append((package, importlib.metadata.version(package)))
        except importlib.metadata.PackageNotFoundError:
            found.append((package, NOT_INSTALLED))
    return tuple(found)


def packages() -> dict[str, str]:
    """Versions of all installed packages, without importing them."""
    return dict(_packages(tuple(sys.path)))


@lru_cache(maxsize=1)
def _packages(folders: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    # Each access to `metadata` reads the file of a package again.
    read = (each.metadata for each in importlib.metadata.distributions())
    found = ((each["Name"], each["Version"]) for each in read)
    return tuple(
        sorted(((name, version) for name, version in found if name), key=lambda item: item[0].lower())
    )


def cpu_model() -> str:
    """The model name of the processor; empty if unknown."""
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
    except OSError:
        text = ""
    found = re.search(r"^model name\s*:\s*(.+)$", text, re.MULTILINE)
    return found[1].strip() if found else platform.processor()


def usable_cpus() -> int:
    """Number of CPUs available to this process."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def without_home(text: str) -> str:
    """A text with the user's home folder written as `~`."""
    home = str(Path.home())
    return text if home == "/" else re.sub(rf"{re.escape(home)}(?=/|$)", "~", text)


def _command(arguments: Sequence[str]) -> list[str]:
    program, *rest = arguments or ["nlpx"]
    return [Path(program).name, *map(without_home, rest)]
