"""Read and prepare the data of an experiment."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from nlpx.core.build import build
from nlpx.data.encoding import Prepared, prepare
from nlpx.data.rows import BadRow, Row
from nlpx.data.sources.base import Source
from nlpx.errors import DataError
from nlpx.specs.experiment import Experiment
from nlpx.tasks import task_for
from nlpx.tasks.base import AnyTask


@dataclass(frozen=True)
class Corpus:
    """The rows of an experiment and the task that understands them."""

    experiment: Experiment
    task: AnyTask
    source: Source

    def prepare(self, report: Callable[[str], None]) -> Prepared:
        """Check every row, build vocabularies, encode the training rows; reads the cache where it can."""
        data = self.experiment.data
        return prepare(
            self.source,
            self.task,
            limit=data.limit,
            on_bad_line=data.on_bad_line,
            cache=cache_folder(self.experiment),
            report=report,
        )

    def rows(self, split: str) -> Iterator[Row]:
        """The good rows of a split that the task keeps.

        Raises:
            DataError: the source has no such split.
        """
        splits = self.source.splits()
        if split not in splits:
            raise DataError(f"there is no split {split!r} in this source; it has {', '.join(splits)}.")
        for row in islice(self.source.rows(split), self.experiment.data.limit):
            if not isinstance(row, BadRow) and self.task.check(row) is None and self.task.keeps(row):
                yield row


def open_corpus(experiment: Experiment, root: Path | None = None) -> Corpus:
    """The corpus of an experiment; nothing is read yet. `root` replaces `data.root`."""
    root = root or Path(experiment.data.root or Path.cwd())
    source = build(experiment.data.source, root=root, task=experiment.type)
    if not isinstance(source, Source):
        raise TypeError(f"{experiment.data.source.type} is not a source")
    return Corpus(experiment, task_for(experiment), source)


def cache_folder(experiment: Experiment) -> Path:
    """`data.cache`, else `$NLPX_CACHE`, else nlpx in the user's cache folder."""
    if experiment.data.cache:
        return Path(experiment.data.cache)
    if os.environ.get("NLPX_CACHE"):
        return Path(os.environ["NLPX_CACHE"])
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "nlpx"
