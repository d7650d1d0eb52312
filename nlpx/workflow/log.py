"""log.txt of a run: every line that is printed, with a timestamp."""

from __future__ import annotations

import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from nlpx.core.files import open_appending
from nlpx.errors import EnvironmentProblem, Interrupted, NlpxError
from nlpx.specs.predictor import Say


class RunLog:
    """Prints messages and appends them to the log; messages from before the run exists are buffered.

    Messages that TensorFlow prints at startup are not included; they are written to framework.log.

    Args:
        say: prints a message.
    """

    def __init__(self, say: Say) -> None:
        self._say = say
        self._path: Path | None = None
        self._waiting: list[str] = []

    def open(self, path: Path) -> None:
        """Append all messages to this file from now on."""
        self._path = path
        self._append()

    def __call__(self, message: str) -> None:
        """Print and log a message."""
        self._say(message)
        self.note(message)

    def note(self, message: str) -> None:
        """Log a message that has already been printed.

        Raises:
            EnvironmentProblem: the file cannot be written.
        """
        now = time.strftime("%Y-%m-%d %H:%M:%S")
        self._waiting += [f"{now}  {line}\n" for line in message.splitlines()]
        self._append()

    @contextmanager
    def errors(self) -> Iterator[None]:
        """Log an exception that leaves the block: the message of an error, the traceback of a bug."""
        try:
            yield
        except BaseException as error:
            if isinstance(error, NlpxError):
                text = str(error) if isinstance(error, Interrupted) else f"error: {error}"
            else:
                text = traceback.format_exc() if isinstance(error, Exception) else type(error).__name__
            with suppress(EnvironmentProblem):  # this may be the original error
                self.note(text)
            raise

    def _append(self) -> None:
        if self._path is None:
            return
        try:
            with open_appending(self._path) as file:
                file.write("".join(self._waiting).encode("utf-8", "backslashreplace"))
        except OSError as error:
            raise EnvironmentProblem(
                f"{self._path}: cannot be written: {error.strerror or error}. "
                "Free space, or make the folder writable."
            ) from error
        self._waiting.clear()
