"""Files of a folder that are made once, of any size; where they cannot be kept, made again each time."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from nlpx.core.files import make_folder, replacing, sweep
from nlpx.core.scratch import scratch
from nlpx.errors import EnvironmentProblem

T = TypeVar("T")


class KeptFiles:
    """Opens files of a folder, and makes those that are missing. A file is whole or not there."""

    def __init__(self, folder: Path, say: Callable[[str], None]) -> None:
        self._folder = folder
        self._say = say
        self._told = False

    def open(self, name: str, read: Callable[[Path], T | None], write: Callable[[Path], None]) -> T:
        """What a file holds.

        Args:
            read: opens or maps the file of a path; None if there is none, or not the right one.

        Raises:
            EnvironmentProblem: not even a temporary file can be written.
        """
        path = self._folder / name
        try:
            found = read(path)
            if found is None:
                make_folder(self._folder)
                sweep(self._folder)
                with replacing(path) as temporary:
                    found = _made(temporary, read, write)
            return found
        except OSError as error:
            self._tell(path, error)
        try:
            # What is mapped stays when its name is gone.
            with scratch() as folder:
                return _made(folder / name, read, write)
        except OSError as error:
            raise EnvironmentProblem(
                f"{tempfile.gettempdir()}: {name} cannot be written here, either: {error.strerror or error}. "
                "Free space, or set TMPDIR to another folder."
            ) from None

    def _tell(self, path: Path, error: OSError) -> None:
        if not self._told:
            self._told = True
            self._say(
                f"{path}: cannot be kept: {error.strerror or error}. What belongs there is made again each "
                "time; make the folder writable, or free space."
            )


def _made(path: Path, read: Callable[[Path], T | None], write: Callable[[Path], None]) -> T:
    write(path)
    found = read(path)
    if found is None:
        raise RuntimeError(f"{path}: what was written cannot be read")
    return found
