"""One process at a time trains into a run: an advisory lock that the system frees when its process dies."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from nlpx.core.printable import printable
from nlpx.errors import EnvironmentProblem, UsageError

PATIENCE = 0.5
"""Seconds to go on trying: `held` takes the lock for an instant."""
LONGEST_OWNER = 80
"""Bytes that are read of what is written in a lock."""


@contextmanager
def hold(path: Path) -> Iterator[None]:
    """Hold the lock file `path`, which stays behind when the lock is freed.

    Raises:
        UsageError: another process holds it.
        EnvironmentProblem: the file cannot be made.
    """
    from filelock import FileLock, Timeout

    lock = FileLock(path, PATIENCE, poll_interval=0.02, preserve_lock_file=True, on_acquired=_sign)
    try:
        lock.acquire()
    except Timeout:
        raise UsageError(
            f"{path.parent}: another process ({_owner(path)}) is training into this run. Wait until it "
            "ends or stop it (Ctrl-C saves a checkpoint), or start a new run."
        ) from None
    except OSError as error:
        raise EnvironmentProblem(
            f"{path}: cannot be written: {error.strerror}. To train, the run's folder must be writable, and "
            "its disk must have space."
        ) from error
    try:
        yield
    finally:
        lock.release()


def held(path: Path) -> bool:
    """Whether a living process holds the lock; False if the file cannot be opened.

    A shared lock, which filelock has not: those who ask do not see each other, and may only read the run.
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
    """Write into the lock who holds it, and since when."""
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
    """A descriptor to read the lock: a link is not followed, a pipe not waited for."""
    return os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
