"""One process at a time trains into a run: an advisory lock that the system frees when its process dies."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from nlpx.errors import EnvironmentProblem, UsageError

PATIENCE = 0.5
"""Seconds to go on trying: `held` takes the lock for an instant."""
FLAGS = os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
"""The lock is a plain file of the run: a link is not followed, a pipe not waited for."""


@contextmanager
def hold(path: Path) -> Iterator[None]:
    """Hold the lock file `path`, which stays behind when the lock is freed.

    Raises:
        UsageError: another process holds it.
        EnvironmentProblem: the file cannot be made.
    """
    descriptor = _open(path)
    try:
        yield
    finally:
        os.close(descriptor)


def _open(path: Path) -> int:
    """A descriptor that holds the lock."""
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | FLAGS, 0o644)
        try:
            _wait_for(path, descriptor)
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        except BaseException:
            os.close(descriptor)
            raise
    except OSError as error:
        raise EnvironmentProblem(
            f"{path}: cannot be written: {error.strerror}. To train, the run's folder must be writable, and "
            "its disk must have space."
        ) from error
    return descriptor


def _wait_for(path: Path, descriptor: int) -> None:
    deadline = time.monotonic() + PATIENCE
    while not _take(descriptor, fcntl.LOCK_EX):
        if time.monotonic() > deadline:
            owner = os.pread(descriptor, 32, 0).decode("ascii", "replace").strip() or "unknown"
            raise UsageError(
                f"{path.parent}: another process (pid {owner}) is training into this run. Wait until it "
                "ends or stop it (Ctrl-C saves a checkpoint), or start a new run."
            )
        time.sleep(0.02)


def held(path: Path) -> bool:
    """Whether a living process holds the lock; False if the file cannot be opened."""
    try:
        descriptor = os.open(path, os.O_RDONLY | FLAGS)
    except OSError:
        return False
    try:
        return not _take(descriptor, fcntl.LOCK_SH)
    except OSError:
        return False
    finally:
        os.close(descriptor)


def _take(descriptor: int, how: int) -> bool:
    try:
        fcntl.flock(descriptor, how | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
