"""The folder of `--draw`."""

from __future__ import annotations

from collections.abc import Mapping
from os import fsencode
from pathlib import Path

from nlpx.cli.output_file import make_output_folder

LONGEST = 200
"""Bytes of a stem; names of files have at most 255, also while they are written."""


class DrawingFolder:
    """A folder for the drawings of several inputs, which is created.

    Args:
        path: as given.

    Raises:
        EnvironmentProblem: it cannot be created.
    """

    def __init__(self, path: Path) -> None:
        make_output_folder(path)
        self._path = path
        self._stems: set[str] = set()

    def write(self, text: str, drawings: Mapping[str, bytes]) -> None:
        """Write the drawings of an input file as STEM.NAME; a second file with the same stem is STEM-2.

        A stem with which names of files would be too long is shortened.

        Raises:
            EnvironmentProblem: the folder is not writable.
        """
        from nlpx.core.files import writing

        plain = stem = _shortened(Path(text).stem)
        number = 1
        while stem in self._stems:
            number += 1
            stem = f"{plain}-{number}"
        self._stems.add(stem)
        for name, content in drawings.items():
            with writing(self._path / f"{stem}.{name}") as file:
                file.buffer.write(content)


def _shortened(stem: str) -> str:
    """The longest beginning with at most LONGEST bytes."""
    while len(fsencode(stem)) > LONGEST:
        stem = stem[:-1]
    return stem
