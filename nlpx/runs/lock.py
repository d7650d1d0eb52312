"""Only one process trains in a run: an advisory lock that the system releases when the process ends."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from nlpx.core.printable import printable
from nlpx.errors import EnvironmentProblem, UsageError

if TYPE_CHECKING:
    from filelock import BaseFileLock

PATIENCE = 0.5
"""Seconds to keep trying, because `held` takes the lock for a moment."""
LONGEST_OWNER = 80
"""Maximum number of bytes read from a lock."""


@contextmanager
def hold(path: Path) -> Iterator[None]:
    """Hold the lock file `path`, which is not deleted afterwards; raises UsageError, EnvironmentProblem."""
    from filelock import FileLock, Timeout

    lock = FileLock(path, PATIENCE, poll_interval=0.02, preserve_lock_file=True, on_acquired=_sign)
    try:
        lock.acquire()
    except Timeout:
        raise UsageError(
            f"{path.parent}: another process ({_owner(path)}) is training in this run. Wait for it to end, "
            "stop it (Ctrl-C saves a checkpoint), or start a new run."
        ) from None
    except OSError as error:
        raise EnvironmentProblem(
            f"{path}: cannot be written: {error.strerror}. Make the folder of the run writable, "
            "or free space."
        ) from error
    try:
        yield
    finally:
        lock.release()


@dataclass(frozen=True)
class Claim:
    """A lock that is held until it is released, or until this process and those that inherit it have ended.

    Attributes:
        descriptor: what another process inherits.
    """

    lock: BaseFileLock
    descriptor: int

    def release(self) -> None:
        """Release the lock, also for processes that have inherited it."""
        self.lock.release()


def claim(path: Path) -> Claim | None:
    """The lock file `path`, or None if another process holds it; raises EnvironmentProblem."""
    from filelock import FileLock, Timeout

    descriptors: list[int] = []

    def note(descriptor: int) -> None:
        _sign(descriptor)
        descriptors.append(descriptor)

    lock = FileLock(path, 0, preserve_lock_file=True, on_acquired=note)
    try:
        lock.acquire()
    except Timeout:
        return None
    except OSError as error:
        raise EnvironmentProblem(
            f"{path}: cannot be written: {error.strerror}. Make the folder writable, or free space."
        ) from error
    return Claim(lock, descriptors[0])


def held(path: Path) -> bool:
    """Whether a running process holds the lock; False if the file cannot be opened.

    Uses a shared lock, which filelock does not have: it works for readers, who do not block each other.
    """
    try:
        descriptor = _open(path)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    finally:
        os.close(descriptor)
    return False


def _sign(descriptor: int) -> None:
    """Write the owner and the time into the lock file."""
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, f"{os.getpid()}\n{datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC\n".encode(), 0)


def _owner(path: Path) -> str:
    try:
        descriptor = _open(path)
        try:
            written = os.pread(descriptor, LONGEST_OWNER, 0)
        finally:
            os.close(descriptor)
    except OSError:
        written = b""
    process, *since = printable(written.decode("ascii", "replace"), keep="\n").splitlines() or ["unknown"]
    return f"pid {process}" + "".join(f", since {moment}" for moment in since[:1])


def _open(path: Path) -> int:
    """A descriptor for reading the lock, without following links or waiting for a pipe."""
    return os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
