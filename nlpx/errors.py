"""Errors that a user can cause, with their exit codes.

A message says where the error is, what is wrong, what was received and expected, and what to do.
All other exceptions are bugs in nlpx and exit with 1.
"""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar


class NlpxError(Exception):
    """Base class of errors that are reported without a traceback."""

    exit_code: ClassVar[int] = 1


class UsageError(NlpxError):
    """An invalid flag, run or request: exit 2."""

    exit_code = 2


class ConfigError(UsageError):
    """An invalid config; the message contains all problems: exit 2."""


class DataError(NlpxError):
    """Data that cannot be read or does not fit the task: exit 3."""

    exit_code = 3


class EnvironmentProblem(NlpxError):
    """A missing extra, an unwritable folder, a full disk: exit 4."""

    exit_code = 4


class CheckpointError(EnvironmentProblem):
    """A checkpoint that is missing, damaged or from another model: exit 4."""


class DamagedRun(EnvironmentProblem):
    """A run with a file that is damaged, missing, or not a regular file: exit 4.

    Args:
        path: the file.
        reason: what is wrong with it.
        advice: what to do.
    """

    def __init__(
        self, path: Path, reason: str, advice: str = "Restore it from a copy, or delete the run."
    ) -> None:
        self.reason = reason
        super().__init__(f"{path}: damaged: {reason.removesuffix('.')}. {advice}")


class Diverged(NlpxError):
    """The loss became NaN or infinite: exit 5."""

    exit_code = 5


class Interrupted(NlpxError):
    """The run was stopped by a signal and has saved a checkpoint: exit 128 + signal number."""

    def __init__(self, signal_number: int, message: str) -> None:
        super().__init__(message)
        self.signal_number = signal_number
