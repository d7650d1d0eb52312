"""Read and prepare the data of an experiment."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from nlpx.components.sources.base import Source
from nlpx.core.folders import user_cache
from nlpx.data.codec import Codec
from nlpx.data.encoding import Reading, prepare
from nlpx.data.prepared import Prepared
from nlpx.data.records import BadRow, Record
from nlpx.data.refusal import formats
from nlpx.specs.experiment import Experiment


@dataclass(frozen=True)
class Corpus:
    """The records of an experiment and the codec that reads them.

    Attributes:
        experiment: the config.
        codec, source: read the records.
        cache: folder of encoded data.
    """

    experiment: Experiment
    codec: Codec[Record]
    source: Source
    cache: Path

    def prepare(self, report: Callable[[str], None]) -> Prepared:
        """Check all rows, build vocabularies and encode the training rows; uses the cache if possible."""
        data = self.experiment.data
        return prepare(
            self.source,
            self.codec,
            limit=data.limit,
            on_bad_line=data.on_bad_line,
            cache=self.cache,
            report=report,
        )

    def rows(self, split: str) -> Iterator[Record]:
        """The valid rows of a split that the task keeps; `review` reports the others.

        Raises:
            UsageError: the source does not have the split.
        """
        self.source.expect(split)
        for row in islice(self.source.rows(split), self.experiment.data.limit):
            if not isinstance(row, BadRow) and self.codec.check(row) is None and self.codec.keeps(row):
                yield row

    def review(self, split: str, say: Callable[[str], None]) -> None:
        """Read a split once before an evaluation, and report the rows that `rows` skips.

        Args:
            split: its name.
            say: called with messages about bad rows that are skipped, rows that are too long, a limit that
                truncates the split, and the warnings of `nlpx data check`.

        Raises:
            UsageError: the source does not have the split.
            DataError: it cannot be read, has bad rows and these are an error, or no row is left.
        """
        self.source.expect(split)
        data = self.experiment.data
        for warning in self.source.warnings(split):
            say(f"warning: {warning}")
        reading = Reading(self.source, self.codec, data.limit)
        with reading.refusing(data.on_bad_line):
            for _ in reading.rows(split):
                pass
        counts = reading.counts[split]
        if counts.bad:
            say(
                f"split {split}: {counts.bad} of {counts.rows} rows are bad and left out; "
                f"the first is {reading.bad[0]}"
            )
        for hint in formats(self.source, reading.counts):
            say(f"warning: nearly all rows are bad and left out. {hint}")
        if counts.left_out:
            say(
                f"split {split}: {counts.left_out} of {counts.rows} rows are left out, because their length "
                "is outside the limits in the section data"
            )
        if counts.rows == data.limit:
            say(
                f"split {split}: only the first {counts.rows} rows are read (data.limit); "
                "use --set data.limit=null to read all"
            )


def open_corpus(experiment: Experiment, root: Path | None = None) -> Corpus:
    """The corpus of an experiment, without reading it; `root` replaces `data.root`."""
    root = root or Path(experiment.data.root or Path.cwd())
    source = experiment.data.source.open(root, experiment.sample)
    cache = Path(experiment.data.cache) if experiment.data.cache else user_cache()
    return Corpus(experiment, experiment.codec(), source, cache)
