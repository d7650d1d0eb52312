"""Train a run of a trial in a process of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import nlpx
from nlpx.config.load import Loaded
from nlpx.core.files import open_appending, replace_file
from nlpx.errors import EnvironmentProblem
from nlpx.runs.framework import THREADS
from nlpx.runs.lock import Claim
from nlpx.runs.paths import RunPaths
from nlpx.runs.snapshot import usable_cpus
from nlpx.sweeps.ledger import Trial
from nlpx.sweeps.results import Mark
from nlpx.workflow.auto_export import NEVER, VARIABLE

MARK_EVERY = 10.0
"""Seconds between two updates of the time of training in the mark of a run."""
TAIL = 5
LONGEST_TAIL = 4000


@dataclass(frozen=True)
class RunJob:
    """A run that is to be trained.

    Attributes:
        run: its directory; if it exists, the run is resumed.
        seconds: time of training so far.
    """

    trial: Trial
    seed: int
    run: RunPaths
    resume: bool
    seconds: float = 0.0

    def __str__(self) -> str:
        return f"trial {self.trial.number}, seed {self.seed}"


@dataclass(frozen=True)
class Trainer:
    """The command lines that train a run.

    Attributes:
        program: the words that call nlpx.
        config: the config of the sweep.
        output: the folder of all runs.
        includes: plugin files, and those that the config names, which a resumed run must be given.
    """

    config: Path
    output: Path
    includes: Sequence[Path] = ()
    named: Sequence[str] = ()
    program: Sequence[str] = (sys.executable, "-P", "-m", "nlpx")

    def command(self, job: RunJob, arguments: Sequence[str]) -> list[str]:
        """The command that trains a run, or resumes it.

        Args:
            arguments: the values of the config, as `KEY=VALUE`.
        """
        if job.resume:
            return [*self.program, "train", "--resume", str(job.run.path), *_each("--include", self.named)]
        name = ["--seed", str(job.seed), "--name", job.run.path.name, "--output", str(self.output)]
        includes = _each("--include", map(str, self.includes))
        return [*self.program, "train", str(self.config), *name, *_each("--set", arguments), *includes]


@dataclass
class Process:
    """A run that is being trained; `claim` keeps other processes from training it.

    Attributes:
        printed: file with what the training prints.
        pruned: why it is being stopped early.
        size: size of the recorded metrics when they were last read.
    """

    job: RunJob
    claim: Claim
    printed: Path
    process: subprocess.Popen[bytes]
    pruned: str = ""
    size: int = 0
    began: float = field(default_factory=time.monotonic)
    marked: float = 0.0

    @classmethod
    def start(cls, job: RunJob, claim: Claim, printed: Path, command: Sequence[str], jobs: int) -> Process:
        """Start a process in a session of its own, so that Ctrl-C reaches it only through this one.

        It inherits the claim: if this process is killed, the run stays claimed while it is trained.

        Raises:
            EnvironmentProblem: it cannot be started, or its output not be written.
        """
        package = str(Path(nlpx.__file__).parents[1])
        paths = [package, *filter(None, [os.environ.get("PYTHONPATH")])]
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}
        environment.setdefault(VARIABLE, NEVER)  # most trials are never used
        if jobs > 1:
            environment.setdefault(THREADS, str(max(1, usable_cpus() // jobs)))
        try:
            with open_appending(printed) as file:
                process = subprocess.Popen(
                    command,
                    stdin=subprocess.DEVNULL,
                    stdout=file,
                    stderr=file,
                    env=environment,
                    start_new_session=True,
                    pass_fds=[claim.descriptor],
                )
        except OSError as error:
            raise EnvironmentProblem(
                f"{printed}: the training of {job} cannot be started: {error.strerror or error}. "
                "Make the file writable, or free space and memory."
            ) from error
        return cls(job, claim, printed, process)

    @property
    def seconds(self) -> float:
        """Time of training, with that of earlier processes."""
        return self.job.seconds + time.monotonic() - self.began

    def mark(self, sweep: str, *, now: bool = False) -> None:
        """Write the mark of the run, if it exists."""
        due = now or time.monotonic() - self.marked > MARK_EVERY
        if due and self.job.run.status_file.exists():
            self.marked = time.monotonic()
            mark = Mark(
                sweep=sweep, trial=self.job.trial.number, seconds=round(self.seconds, 1), pruned=self.pruned
            )
            try:
                replace_file(self.job.run.sweep, mark.model_dump_json(indent=1) + "\n")
            except EnvironmentProblem:
                # A run that fails before training begins is deleted by its process.
                if self.job.run.path.exists():
                    raise

    def stop(self) -> None:
        """Ask the training to save a checkpoint and to end."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End the process at once."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()

    def last_words(self) -> str:
        """The last lines that the training printed."""
        with self.printed.open("rb") as file:
            file.seek(max(0, self.printed.stat().st_size - LONGEST_TAIL))
            lines = file.read().decode("utf-8", "replace").splitlines()
        return "\n".join(lines[-TAIL:])


def _each(flag: str, values: Sequence[str] | map[str]) -> list[str]:
    return [word for value in values for word in (flag, value)]


def needed_to_resume(base: Loaded) -> list[str]:
    """The plugin files and Keras callbacks of a config, which are only executed if they are given again."""
    callbacks = (getattr(observer, "callback", None) for observer in base.experiment.observers)
    return [*map(str, base.includes), *filter(None, callbacks)]
