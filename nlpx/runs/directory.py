"""Create, open and lock a run directory; its status."""

from __future__ import annotations

import os
import re
import secrets
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, cast, get_args

from nlpx.core.files import make_folder, replace_file
from nlpx.core.paths import is_folder, why_no_folder
from nlpx.errors import DamagedRun, Diverged, EnvironmentProblem, Interrupted, UsageError
from nlpx.runs.files import SMALL, read_file, read_json, refuse_links
from nlpx.runs.folders import is_run, whole_path
from nlpx.runs.lock import held, hold
from nlpx.runs.paths import RunPaths

if TYPE_CHECKING:
    from nlpx.specs.experiment import Experiment

FORMAT = 1
"""Version of the layout; snapshot.json records it."""

WrittenStatus = Literal["running", "finished", "interrupted", "diverged", "failed"]
Status = WrittenStatus | Literal["killed"]
"""`killed`: STATUS says running, but the process is gone."""

MANIFEST = "manifest.json"
"""A file of bundles, see `nlpx.runs.bundle`."""

NAME = re.compile(r"\w[\w.-]*")


@dataclass(frozen=True)
class RunDirectory(RunPaths):
    """A run, identified by its folder."""

    @classmethod
    def create(
        cls, output: Path, experiment: Experiment, config_text: str, name: str | None = None
    ) -> RunDirectory:
        """Create the folder of a new run with config.yaml and resolved.yaml; snapshot.json completes it.

        Args:
            config_text: the config as written.
            name: name of the folder; None selects that of the experiment, or time and random digits.

        Raises:
            UsageError: the name is in use or invalid.
            EnvironmentProblem: the folder cannot be written.
        """
        from nlpx.config.dump import dump_experiment

        name = name or experiment.name
        if name is not None and not NAME.fullmatch(name):
            raise UsageError(
                f"{name!r} is not a valid name of a run. Expected letters and digits, with . _ - in between."
            )
        resolved = dump_experiment(experiment)
        run = cls(_make_folder(output / experiment.type, name))
        try:
            replace_file(run.config, config_text)
            replace_file(run.resolved, resolved)
        except BaseException:
            shutil.rmtree(run.path, ignore_errors=True)
            raise
        return run

    @classmethod
    def open(cls, path: Path) -> RunDirectory:
        """An existing run.

        Raises:
            UsageError: there is no such folder, it is not a run, or it is from a newer nlpx.
            DamagedRun: it cannot be read, is incomplete, its snapshot is damaged, or it contains links.
        """
        run = cls(path)
        if not is_folder(path):
            raise UsageError(
                f"{path}: {why_no_folder(path)}. Expected a run; `nlpx runs list` shows the available runs."
            )
        if not os.access(path, os.R_OK | os.X_OK):
            raise DamagedRun(path, "permission denied", "Make the folder readable, or use a copy.")
        if not is_run(path) and is_bundle(path):
            raise UsageError(
                f"{path}: this is a bundle, which `nlpx predict` and `nlpx eval` use. This command needs the "
                "run that it was exported from."
            )
        if not is_run(path) and os.path.lexists(path / "golden.json"):
            reason = "no such file, but other files of a bundle are here"
            raise DamagedRun(path / MANIFEST, reason, "Copy the whole bundle, or export the run again.")
        if not is_run(path):
            raise UsageError(
                f"{path}: this folder is not a run: it contains no config.yaml, snapshot.json or STATUS. "
                f"(A bundle has {MANIFEST} and resolved.yaml.) `nlpx runs list` shows the available runs."
            )
        refuse_links(path)
        needed = (run.config, run.resolved, run.snapshot, run.status_file)
        missing = [file.name for file in needed if not file.is_file()]
        if missing:
            raise DamagedRun(
                path,
                f"this run is incomplete: missing {', '.join(missing)}. It was stopped before training "
                "began, or files were deleted",
                "Delete the folder and train again.",
            )
        version = _format(run.snapshot)
        if version > FORMAT:
            raise UsageError(
                f"{path}: this run was created by a newer version of nlpx (layout {version}; this version "
                f"supports up to {FORMAT}). Install a newer version to use it."
            )
        return run

    @property
    def id(self) -> str:
        """The name of the folder, or of the link to it."""
        return whole_path(self.path).name

    @property
    def status(self) -> Status:
        """The content of STATUS; `killed` if it is `running` but no process is. Raises DamagedRun."""
        text = read_file(self.status_file, SMALL).decode("utf-8", "replace").strip()
        known = get_args(WrittenStatus)
        if text not in known:
            raise DamagedRun(
                self.status_file,
                f"{text[:40]!r} is not a status; expected one of {', '.join(known)}",
                "Correct the file.",
            )
        return "killed" if text == "running" and not held(self.lock) else cast(WrittenStatus, text)

    def set_status(self, status: WrittenStatus) -> None:
        """Write STATUS atomically; raises EnvironmentProblem."""
        replace_file(self.status_file, f"{status}\n")

    def make_eval_folder(self) -> None:
        """Create the folder of the evaluations; raises EnvironmentProblem if this is not possible."""
        try:
            make_folder(self.eval_folder)
        except OSError as error:
            raise EnvironmentProblem(
                f"{self.eval_folder}: this folder cannot be created: {error.strerror or error}. Make the run "
                "writable, and remove any file of that name."
            ) from None

    @contextmanager
    def training(self) -> Iterator[None]:
        """Lock the run, or UsageError; STATUS is `running` in the block, then how the block ended."""
        with hold(self.lock):
            self.set_status("running")
            ended: WrittenStatus = "failed"
            try:
                yield
                ended = "finished"
            except (Interrupted, KeyboardInterrupt):
                ended = "interrupted"
                raise
            except Diverged:
                ended = "diverged"
                raise
            finally:
                self._end(ended)

    def _end(self, status: WrittenStatus) -> None:
        try:
            self.set_status(status)
        except EnvironmentProblem:
            # A full disk must not hide the error that ended training; the status is then shown as killed.
            if status == "finished":
                raise


def is_bundle(path: Path) -> bool:
    """Whether a folder contains a bundle, complete or damaged. A checkpoint has a manifest, too."""
    return os.path.lexists(path / MANIFEST) and any(
        os.path.lexists(path / name) for name in ("resolved.yaml", "graphs")
    )


def _make_folder(parent: Path, name: str | None) -> Path:
    """Create `parent/name`, or a folder with a new id; mkdir decides between concurrent processes."""
    try:
        parent.mkdir(parents=True, exist_ok=True)
        while True:
            path = parent / (name or f"{time.strftime('%Y%m%d-%H%M%S')}-{secrets.token_hex(3)}")
            try:
                path.mkdir()
            except FileExistsError:
                if name is None:
                    continue
                raise UsageError(
                    f"{path}: a run with this name already exists. Choose another with --name, resume it "
                    f"with `nlpx train --resume {path}`, or delete it."
                ) from None
            return path
    except OSError as error:
        raise EnvironmentProblem(
            f"{parent}: a run cannot be created here: {error.strerror}. Choose another folder with --output."
        ) from error


def _format(snapshot: Path) -> int:
    content = read_json(snapshot)
    version = content.get("format") if isinstance(content, dict) else None
    if not isinstance(version, int):
        raise DamagedRun(snapshot, f"its format is {str(version)[:40]!r}, expected a number")
    return version
