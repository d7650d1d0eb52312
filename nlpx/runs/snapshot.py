"""What a run is made with, written down; and compared when it goes on.

Neither the environment as a whole nor names of users are kept; the user's home folder is written as `~`.
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
from pathlib import Path
from typing import TYPE_CHECKING

from nlpx.core.files import current_folder, file_hash, replace_file
from nlpx.errors import DataError, UsageError
from nlpx.runs.config import missing_plugins
from nlpx.runs.directory import FORMAT, RunDirectory
from nlpx.runs.flatten import MISSING, differences, flatten
from nlpx.runs.project import project_state
from nlpx.runs.record import ProjectRecord, Snapshot, SplitRecord

if TYPE_CHECKING:
    from nlpx.data.encoding import Counts
    from nlpx.specs.experiment import Experiment

PACKAGES = (
    *("nlpx", "tensorflow", "keras", "numpy", "scipy", "jieba", "pydantic", "PyYAML"),
    *("ml_dtypes", "h5py", "pillow", "faiss-cpu", "sacrebleu", "pypinyin"),
)
"""Those that compute, and those that decide what is computed: of dependencies, of these, and of extras."""
NOT_INSTALLED = "not installed"
ENVIRONMENT = re.compile(
    r"(NLPX|OMP|TF_(CPP|CUDNN|DETERMINISTIC|DISABLE|ENABLE|FORCE|GPU|NUM|USE|XLA))_\w+"
    r"|KERAS_BACKEND|XLA_FLAGS|CUDA_VISIBLE_DEVICES|PYTHONHASHSEED",
    re.ASCII,
)
"""Variables that can change a run. Not all of TF_: Terraform keeps passwords there."""
SECRET = re.compile(r"TOKEN|KEY|SECRET|PASS|CREDENTIAL|AUTH", re.IGNORECASE)
FREE = frozenset({"name", "data.root", "data.cache"})
"""Settings that may change: where things lie on this machine; the data are compared by content."""


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
    """Write snapshot.json, and changes.patch where the project has uncommitted changes.

    Args:
        run: a run whose config.yaml is written.
        experiment: what is run.
        fingerprints: sha256 of what each split is read from.
        vocabularies: sha256 of each vocabulary.
        counts: rows of each split.
        includes: plugin files.
        command: the command line; None takes that of this process.
        folder: that of the config, whose git repository is recorded; None takes the current one.
        devices: what the framework computes on.

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
        directions={
            name: direction for metric in experiment.metrics for name, direction in metric.directions.items()
        },
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
    """Compare what a run was started with and what it would go on with.

    Args:
        run: the run.
        experiment: as loaded from its resolved.yaml.
        fingerprints: sha256 of what each split is read from, now.
        vocabularies: sha256 of each vocabulary, now; None compares none.
        includes: plugin files, now.

    Returns:
        What else has changed and may change the bits of the result, a line each: versions, CPUs, plugins.

    Raises:
        UsageError: the config was changed; the message lists the keys.
        DataError: the data or a vocabulary changed; the message lists what, with old and new hash.
    """
    before = Snapshot.of(run)
    _verify_config(run, before, experiment)
    _verify_data(run, before, fingerprints, vocabularies or {})
    notes = [
        f"{package} was {old} when the run was started and is {new} now"
        for package, new in versions().items()
        # An older nlpx has recorded fewer packages.
        if (old := before.versions.get(package, new)) != new
    ]
    if before.cpu != cpu_model() and before.cpu:
        notes.append(f"the run was started on the processor {before.cpu} and goes on with {cpu_model()}")
    if before.cpus != usable_cpus():
        notes.append(f"the run was started on {before.cpus} CPUs and goes on with {usable_cpus()}")
    for path in includes:
        if file_hash(path) not in before.includes.values():
            notes.append(f"the plugin {path} is not what it was when the run was started")
    for name in missing_plugins(before.includes, includes):
        notes.append(f"the run was started with the plugin {name}, which is not included now")
    return notes


def verify_devices(run: RunDirectory, devices: Sequence[str]) -> list[str]:
    """What has changed about the devices that a run was started on, a line; nothing where nothing has."""
    before = Snapshot.of(run).devices
    if not before or before == list(devices):
        return []
    return [f"the run was started on {', '.join(before)} and goes on with {', '.join(devices)}"]


def _verify_config(run: RunDirectory, before: Snapshot, experiment: Experiment) -> None:
    old, new = flatten(before.experiment), flatten(experiment.model_dump(mode="json"))
    # An option that is younger than the run, and is not used, changes nothing.
    changed = {
        key: row
        for key, row in differences([old, new]).items()
        if key not in FREE and not (row[0] is MISSING and row[1] is None)
    }
    if changed:
        listed = "".join(f"\n  {key}: was {was!r}, is {now!r}" for key, (was, now) in changed.items())
        raise UsageError(
            f"{run.resolved}: the config was changed since the run was started:{listed}\nA run goes on with "
            "the config it was started with. Undo the changes, or train a new run with them."
        )
    if file_hash(run.config) != before.config_sha256:
        raise UsageError(
            f"{run.config}: this file was changed since the run was started. It only records what was "
            "written; a run goes on with resolved.yaml. Undo the change, or train it as a new run: "
            f"nlpx train {run.config}"
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
        # One that tasks no longer count decides nothing any more.
        counted = {name: sha256 for name, sha256 in before.vocabularies.items() if name in vocabularies}
        old |= {f"vocabulary {name}": sha256 for name, sha256 in counted.items()}
        new |= {f"vocabulary {name}": sha256 for name, sha256 in vocabularies.items()}
    changed = differences([old, new])
    if changed:
        listed = "".join(
            f"\n  {name}: was {_short(was)}, is {_short(now)}" for name, (was, now) in changed.items()
        )
        raise DataError(
            f"{run.path}: the data changed since the run was started (sha256):{listed}\n"
            "Restore the files, or train a new run."
        )


def _short(sha256: object) -> str:
    return f"{sha256[:16]}…" if isinstance(sha256, str) else "not there"


def versions() -> dict[str, str]:
    """Versions of Python and of the packages whose change can change a result; nothing is imported."""
    found = {"python": platform.python_version()}
    for package in PACKAGES:
        try:
            found[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            found[package] = NOT_INSTALLED
    return found


def cpu_model() -> str:
    """The processor, as the system calls it; empty where it does not say."""
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
    except OSError:
        text = ""
    found = re.search(r"^model name\s*:\s*(.+)$", text, re.MULTILINE)
    return found[1].strip() if found else platform.processor()


def usable_cpus() -> int:
    """CPUs that this process may use."""
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
