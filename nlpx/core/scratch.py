"""Temporary folders; those of processes that were killed are deleted by the next one."""

from __future__ import annotations

import errno
import fcntl
import os
import re
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from nlpx.errors import EnvironmentProblem

PREFIX = "nlpx-scratch-"
OURS = re.compile(rf"{PREFIX}[a-z0-9_]{{8}}")
"""Names that only this file makes: no folder of a user is deleted, such as one with the sources of nlpx."""
JUST_MADE = 60.0
"""Seconds for which a folder is not deleted, because it may not be locked yet."""
FULL = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO}
ADVICE = "Free space there, or set $TMPDIR to another folder."


@contextmanager
def scratch() -> Iterator[Path]:
    """An empty folder for temporary files, which is deleted at the end of the block.

    It is locked meanwhile, so that other processes see that it is used.

    Raises:
        EnvironmentProblem: there is no folder for temporary files, or its disk is full.
    """
    try:
        root = Path(tempfile.gettempdir())
        _sweep(root)
        folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=root))
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        raise EnvironmentProblem(
            f"{where}temporary files cannot be written: {error.strerror or error}. {ADVICE}"
        ) from None
    lock = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield folder
    except OSError as error:
        elsewhere = error.filename is not None and not str(error.filename).startswith(str(folder))
        if error.errno not in FULL or elsewhere:
            raise
        raise EnvironmentProblem(
            f"{root}: temporary files cannot be written: {error.strerror}. {ADVICE}"
        ) from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(lock)


def _sweep(root: Path) -> None:
    """Delete the folders of this user that no process has locked any more."""
    for path in root.glob(f"{PREFIX}*"):
        if not OURS.fullmatch(path.name):
            continue
        with suppress(OSError):
            status = path.lstat()
            if status.st_uid != os.getuid() or time.time() - status.st_mtime < JUST_MADE:
                continue
            lock = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(path, ignore_errors=True)
            finally:
                os.close(lock)
