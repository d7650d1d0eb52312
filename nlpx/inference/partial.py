"""A long output: in another file until it is complete, with a journal from which it can be resumed.

OUTPUT.nlpx-part     the records written so far; those that the journal does not know are cut off
OUTPUT.nlpx-journal  how they are made, how many lines of the input are done, and their fingerprint
"""

from __future__ import annotations

import fcntl
import json
import os
import stat
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import Annotated, BinaryIO

from pydantic import Field, TypeAdapter, ValidationError

from nlpx.core.files import Unreadable, read_regular, replace_file, sync_path
from nlpx.core.json_text import parse_json
from nlpx.errors import EnvironmentProblem, UsageError
from nlpx.specs.predictor import Say

PART, JOURNAL = ".nlpx-part", ".nlpx-journal"
"""What the names of the two files end in."""
EVERY = 1.0
"""Seconds between entries of the journal."""
LARGEST = 1 << 20
"""Bytes of a journal."""
Count = Annotated[int, Field(strict=True, ge=0, lt=1 << 63)]


@dataclass(frozen=True)
class Journal:
    """How far an output is.

    Attributes:
        job: what determines the output besides the input, by name.
        lines: number of lines of the input that are done.
        digest: their fingerprint.
        size: bytes of their output.
        failed: number of predictions that failed among them.
    """

    job: Mapping[str, str]
    lines: Count = 0
    digest: str = ""
    size: Count = 0
    failed: Count = 0


class PartialOutput:
    """A new file that takes the place of another one when the block ends.

    If the block fails, the old file stays, and what has been written is kept for `resume`.

    Args:
        path: of the complete file, not a link.
        name: of this file in messages.
        job: what determines the output besides the input, by name.
        resume: continue what an earlier process left, if it left anything.
        say: called with messages.

    Raises:
        UsageError: what is left was made in another way, or another process is writing it.
        EnvironmentProblem: it cannot be written, or the journal is damaged.
    """

    def __init__(self, path: Path, name: str, job: Mapping[str, str], resume: bool, say: Say) -> None:
        self._path, self._name, self._resume, self._say = path, name, resume, say
        self._part = path.with_name(f"{path.name}{PART}")
        self._journal = path.with_name(f"{path.name}{JOURNAL}")
        self._state = self._recorded = Journal(job)
        self._since = time.monotonic()
        self._file: BinaryIO

    @property
    def state(self) -> Journal:
        """What has been written."""
        return self._state

    def __enter__(self) -> PartialOutput:
        with self._explained():
            self._file = os.fdopen(self._locked(), "wb")
            try:
                self._begin()
            except BaseException:
                self._file.close()
                raise
        return self

    def write(self, output: str, lines: int, digest: str, failures: int) -> None:
        """Append records.

        Args:
            output: the records.
            lines: number of lines of the input that are then done.
            digest: their fingerprint.
            failures: number of failed predictions among the new ones.
        """
        raw = output.encode("utf-8", "surrogateescape")
        with self._explained():
            self._file.write(raw)
            old = self._state
            size, failed = old.size + len(raw), old.failed + failures
            self._state = Journal(old.job, lines, digest, size, failed)
            if time.monotonic() >= self._since + EVERY:
                self._record()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            with self._explained(), self._file:
                self._finish()
            return
        with suppress(OSError, EnvironmentProblem):  # on a full disk, what the journal says stays
            self._record()
        with suppress(OSError):
            self._file.close()
        self._leave()

    def _locked(self) -> int:
        """A descriptor of the partial file; only one process has one."""
        flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
        while True:
            descriptor = os.open(self._part, flags, 0o666)
            try:
                status = os.fstat(descriptor)
                if not stat.S_ISREG(status.st_mode):
                    raise OSError(f"{self._part} is not a regular file")
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                # Another process may have renamed the file into place meanwhile.
                if os.path.samestat(status, self._part.lstat()):
                    return descriptor
            except FileNotFoundError:
                pass
            except BlockingIOError:
                os.close(descriptor)
                raise UsageError(
                    f"{self._name}: another process is writing this output. Wait for it to end, or choose "
                    "another --output."
                ) from None
            except BaseException:
                os.close(descriptor)
                raise
            os.close(descriptor)

    def _begin(self) -> None:
        there = os.fstat(self._file.fileno()).st_size
        # A process that is killed after renaming the file into place leaves a journal alone.
        left = self._left() if there and self._journal.exists() else None
        if left is not None and not left.lines:
            left = None
        if left is not None and self._resume:
            self._expect_same(left.job)
            if there < left.size:
                raise self._damaged(f"{self._part} is shorter than {left.size:,} bytes")
            self._state = self._recorded = left
            self._say(f"{self._name}: {left.lines:,} lines are done; continuing.")
        elif left is not None:
            self._say(
                f"{self._name}: starting again. {left.lines:,} lines of an unfinished output are discarded; "
                "--resume would continue it."
            )
        if not self._state.lines:
            self._journal.unlink(missing_ok=True)
            sync_path(self._path.parent)
        self._file.truncate(self._state.size)
        self._file.seek(self._state.size)
        if self._path.exists():
            os.fchmod(self._file.fileno(), stat.S_IMODE(self._path.stat().st_mode))

    def _left(self) -> Journal | None:
        """The journal of an earlier process; None if it cannot be read and is not needed."""
        try:
            content = parse_json(read_regular(self._journal, LARGEST, follow=False))
            return TypeAdapter(Journal).validate_python(content)
        except (Unreadable, ValidationError) as error:
            if not self._resume:
                return None
            reason = str(error)
            if isinstance(error, ValidationError):
                first = error.errors(include_url=False, include_input=False)[0]
                reason = f"{'.'.join(map(str, first['loc'])) or 'the file'}: {first['msg']}"
            raise self._damaged(reason) from None

    def _damaged(self, reason: str) -> EnvironmentProblem:
        return EnvironmentProblem(f"{self._journal}: damaged: {reason}. Omit --resume to start again.")

    def _expect_same(self, then: Mapping[str, str]) -> None:
        now = self._state.job
        changed = [
            f"{key} was {then.get(key, '') or 'not given'}, now {now.get(key, '') or 'not given'}"
            for key in dict.fromkeys((*then, *now))
            if then.get(key, "") != now.get(key, "")
        ]
        if changed:
            raise UsageError(
                f"--resume: {self._part} was made in another way: {'; '.join(changed)}. Give the same "
                "options, or omit --resume to start again."
            )

    def _record(self) -> None:
        """Make everything durable that has been written, then say so in the journal."""
        if self._state != self._recorded:
            self._file.flush()
            os.fsync(self._file.fileno())
            replace_file(self._journal, json.dumps(asdict(self._state), ensure_ascii=False) + "\n")
            self._recorded = self._state
        self._since = time.monotonic()

    def _finish(self) -> None:
        self._file.flush()
        os.fsync(self._file.fileno())
        self._part.replace(self._path)
        self._journal.unlink(missing_ok=True)
        sync_path(self._path.parent)

    def _leave(self) -> None:
        kept = self._recorded.lines
        changed = "was not changed" if self._path.exists() else "was not written"
        if kept:
            advice = f"{kept:,} lines are in {self._part}; continue with the same command and --resume."
            self._say(f"{self._name}: {changed}, because the output is incomplete. {advice}")
            return
        with suppress(OSError):
            self._part.unlink()
        if self._state.lines:
            self._say(f"{self._name}: {changed}, because the output is incomplete.")

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise EnvironmentProblem(
                f"{self._name}: cannot be written: {error.strerror or error}. Free space, make the folder "
                "writable, or choose another --output."
            ) from error
