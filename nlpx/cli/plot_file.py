"""The file of `--plot`."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from nlpx.cli.output_file import OutputFile
from nlpx.errors import UsageError

if TYPE_CHECKING:
    from nlpx.core.plot import LinePlot

SUFFIX = ".svg"


class PlotFile:
    """A target for a plot, or none.

    Args:
        path: as given.
        read: files that are read at the same time.

    Raises:
        UsageError: the name is that of another format, or it is one of the files that are read.
        EnvironmentProblem: it is not writable.
    """

    def __init__(self, path: Path | None, read: Iterable[Path]) -> None:
        if path is not None and path.suffix.lower() not in ("", SUFFIX):
            raise UsageError(f"--plot {path}: plots are SVG files. Expected a name that ends in {SUFFIX}.")
        self._file = None if path is None else OutputFile(path, read)

    def write(self, plot: LinePlot) -> None:
        """Write the plot, if there is a target."""
        if self._file is not None:
            with self._file.open() as file:
                file.write(plot.svg())
