"""Small files that are whole or not there."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from nlpx.errors import EnvironmentProblem


def replace_file(path: Path, content: str | bytes) -> None:
    """Write a file so that a reader, and a crash, sees the old content or the new one.

    Raises:
        EnvironmentProblem: the folder cannot be written or the disk is full; the old content stays.
    """
    data = content.encode("utf-8") if isinstance(content, str) else content
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with temporary.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise EnvironmentProblem(
            f"{path}: cannot be written: {error.strerror or error}. Free space or make the folder writable."
        ) from error


def file_hash(path: Path) -> str:
    """sha256 of a file, as hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
