"""The errors that a user can cause, each with its exit code.

A message answers four questions: where, what is wrong, what was received and expected, what to do.
Anything else that escapes is a bug of nlpx and exits with 1.
"""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar


class NlpxError(Exception):
    """Base of every error that is reported without a traceback."""

    exit_code: ClassVar[int] = 1


class UsageError(NlpxError):
    """A wrong flag, a wrong run, a wrong request: exit 2."""

    exit_code = 2


class ConfigError(UsageError):
    """A config file that cannot be run; the message holds every problem found: exit 2."""


class DataError(NlpxError):
    """Data that cannot be read or does not fit the task: exit 3."""

    exit_code = 3


class EnvironmentProblem(NlpxError):
    """A missing extra, an unwritable folder, a full disk: exit 4."""

    exit_code = 4


class CheckpointError(EnvironmentProblem):
    """A checkpoint that is missing, damaged or from another model: exit 4."""


class DamagedRun(EnvironmentProblem):
    """A run one of whose files is damaged, missing, or not a plain file: exit 4.

    Args:
        path: the file.
        reason: what is wrong with it.
        advice: what to do.
    """

    def __init__(
        self, path: Path, reason: str, advice: str = "Restore it from a copy, or delete the run."
    ) -> None:
        super().__init__(f"{path}: damaged: {reason.removesuffix('.')}. {advice}")


class Diverged(NlpxError):
    """The loss became NaN or infinite: exit 5."""

    exit_code = 5


class Interrupted(NlpxError):
    """The run was asked to stop by a signal and has saved a checkpoint: exit 128 + signal number."""

    def __init__(self, signal_number: int, message: str) -> None:
        super().__init__(message)
        self.signal_number = signal_number
