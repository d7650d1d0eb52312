"""What a sweep has proposed: one small file for each trial.

RUNS/.sweeps/
  RUN.lock            held while a run of a trial is trained
  NAME-ID/            of one sweep; ID is a hash of its config, space and sampler
    0000.json         the point of a trial, and which results were known when it was proposed
    lock              held while a trial is proposed
    RUN.txt           what the training printed
What came of a trial is only in the directories of its runs.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

from nlpx.core.files import make_folder, replace_file
from nlpx.errors import DamagedRun, EnvironmentProblem
from nlpx.runs.record import Record

FOLDER = ".sweeps"
NAME = re.compile(r"[0-9]{4,9}\.json")
PATIENCE = 600.0
"""Seconds to wait for another process that proposes a trial."""
ADVICE = "Delete this file; the trial is proposed again."


class Trial(Record):
    """A proposal.

    Attributes:
        number: counted from 0.
        point: its values.
        config: hash of its config without the seed; empty if the config is not valid.
        after: numbers of the trials whose results were known.
        problem: why the config is not valid.
    """

    number: int
    point: dict[str, Any]
    config: str
    after: list[int] = []
    problem: str = ""


@dataclass(frozen=True)
class Ledger:
    """The proposals of a sweep, in a folder."""

    folder: Path

    @classmethod
    def of(cls, output: Path, name: str, id: str) -> Ledger:
        return cls(output / FOLDER / f"{name}-{id}")

    def trials(self) -> list[Trial]:
        """All proposals in the order of their numbers; raises DamagedRun.

        Copies with other names, as programs that synchronize folders make them, are ignored.
        """
        files = {int(path.stem): path for path in self.folder.glob("*.json") if NAME.fullmatch(path.name)}
        return [_trial(files[number], number) for number in sorted(files)]

    @staticmethod
    def next_number(trials: Sequence[Trial]) -> int:
        """The lowest number that no proposal has; their files may have been deleted."""
        taken = {trial.number for trial in trials}
        return next(number for number in count() if number not in taken)

    def add(self, trial: Trial) -> None:
        """Write a proposal; raises EnvironmentProblem."""
        replace_file(self.folder / f"{trial.number:04d}.json", trial.model_dump_json(indent=1) + "\n")

    def lock_of(self, run: str) -> Path:
        """The file that is locked while the run with this name is trained."""
        return self.folder.parent / f"{run}.lock"

    def printed(self, run: str) -> Path:
        """The file with what the training of a run printed."""
        return self.folder / f"{run}.txt"

    def make(self) -> None:
        """Create the folder; raises EnvironmentProblem."""
        try:
            make_folder(self.folder)
            if not os.access(self.folder, os.W_OK):
                raise PermissionError(None, "permission denied")
        except OSError as error:
            raise EnvironmentProblem(
                f"{self.folder}: the sweep cannot be recorded here: {error.strerror or error}. "
                "Choose another folder with --output."
            ) from error

    @contextmanager
    def proposing(self, stopped: Callable[[], bool]) -> Iterator[bool]:
        """Only one process is in this block with True; False if the wait for another one was given up.

        Args:
            stopped: whether to wait no longer, as after Ctrl-C.

        Raises:
            EnvironmentProblem: the lock cannot be used, or another process holds it for too long.
        """
        from filelock import FileLock, Timeout

        path = self.folder / "lock"
        lock = FileLock(path, PATIENCE, preserve_lock_file=True)
        try:
            lock.acquire(cancel_check=stopped)
        except Timeout:
            if stopped():
                yield False
                return
            raise EnvironmentProblem(
                f"{path}: another process has proposed a trial for {PATIENCE:.0f} seconds. Stop it."
            ) from None
        except OSError as error:
            raise EnvironmentProblem(
                f"{path}: cannot be written: {error.strerror}. Make the file writable, or delete it while no "
                "sweep runs."
            ) from error
        try:
            yield True
        finally:
            lock.release()


def _trial(path: Path, number: int) -> Trial:
    try:
        trial = Trial.read(path)
    except DamagedRun as error:
        raise DamagedRun(path, error.reason, ADVICE) from None
    if trial.number != number:
        raise DamagedRun(path, f"it is trial {trial.number}, not {number}", ADVICE)
    return trial
