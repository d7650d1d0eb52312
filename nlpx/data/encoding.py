"""Check and encode a corpus: two passes over the training rows, in constant memory, kept in a cache."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Literal, Protocol, TypeVar

import numpy as np

from nlpx.data.keys import KeySet, key
from nlpx.data.rows import BadRow
from nlpx.data.sources.base import Source
from nlpx.errors import DataError
from nlpx.text.vocabulary import Vocabulary

SHOWN_BAD_ROWS = 50
KEPT_BAD_ROWS = 1000
RowT = TypeVar("RowT", contravariant=True)


class Codec(Protocol[RowT]):
    """How a task reads rows; `nlpx.tasks.base.Task` documents each part."""

    @property
    def min_counts(self) -> Mapping[str, int]: ...
    @property
    def max_sizes(self) -> Mapping[str, int | None]: ...
    def settings(self) -> str: ...
    def check(self, row: RowT) -> str | None: ...
    def keeps(self, row: RowT) -> bool: ...
    def count(self, row: RowT) -> Mapping[str, Iterable[str]]: ...
    def encode(self, row: RowT, vocabularies: Mapping[str, Vocabulary]) -> list[dict[str, np.ndarray]]: ...
    def keys(self, row: RowT) -> Iterable[str]: ...


@dataclass(frozen=True)
class EncodedItems:
    """Training items one behind the other.

    Attributes:
        features: by name, the values of all items, (sum of lengths,) int32.
        offsets: where each item begins, (n,) int64.
        lengths: of the items, (n,) int32.
    """

    features: Mapping[str, np.ndarray]
    offsets: np.ndarray
    lengths: np.ndarray

    def __len__(self) -> int:
        return len(self.lengths)


@dataclass
class Counts:
    """Rows of one split: read, bad, and left out because the task does not keep them."""

    rows: int = 0
    bad: int = 0
    left_out: int = 0


@dataclass(frozen=True)
class Prepared:
    """A corpus that is ready for training.

    Attributes:
        items: the encoded training rows.
        vocabularies: by name.
        keys: what the task remembers of the training rows.
        fingerprints: sha256 of what each split is read from.
        counts: by split.
        bad: the first bad rows.
        cached: whether all this came from the cache.
    """

    items: EncodedItems
    vocabularies: dict[str, Vocabulary]
    keys: KeySet
    fingerprints: dict[str, str]
    counts: dict[str, Counts]
    bad: list[BadRow] = field(default_factory=list)
    cached: bool = False


def prepare(
    source: Source,
    codec: Codec,
    *,
    limit: int | None,
    on_bad_line: Literal["error", "skip"],
    cache: Path,
    report: Callable[[str], None],
) -> Prepared:
    """Check every split, build vocabularies from the training rows and encode them; or find all that in the cache.

    Args:
        source: the rows.
        codec: the task.
        limit: read at most this many rows of a split.
        on_bad_line: `error` lists all bad rows and stops; `skip` counts them and goes on.
        cache: folder of the cache.
        report: told what happens, a line at a time.

    Raises:
        DataError: bad rows, or no training row at all.
    """
    from nlpx.data import cache as store

    fingerprints = {split: source.fingerprint(split) for split in source.splits()}
    entry = store.entry_path(cache, fingerprints, codec, limit, on_bad_line)
    found = store.load(entry, fingerprints, report)
    if found is not None:
        return found
    report("checking and encoding the data (kept for the next start)")
    reading = Reading(source, codec, limit, on_bad_line)
    counters: dict[str, Counter[str]] = {name: Counter() for name in codec.min_counts}
    hashes = set()
    for row in reading.rows("train"):
        for name, tokens in codec.count(row).items():
            counters[name].update(tokens)
        hashes.update(map(key, codec.keys(row)))
    for split in source.splits():
        if split != "train":
            for _ in reading.rows(split):
                pass
    reading.finish()
    vocabularies = {
        name: Vocabulary.build(counters[name], codec.min_counts[name], codec.max_sizes[name])
        for name in counters
    }
    counters.clear()
    keys = KeySet(np.unique(np.fromiter(hashes, np.uint64, len(hashes))))
    items = (item for row in reading.rows("train", tally=False) for item in codec.encode(row, vocabularies))
    return store.save(entry, items, vocabularies, keys, reading.counts, reading.bad, fingerprints, report)


class Reading:
    """Good rows of a source, with a tally of the others."""

    def __init__(
        self, source: Source, codec: Codec, limit: int | None, on_bad_line: Literal["error", "skip"]
    ) -> None:
        self._source = source
        self._codec = codec
        self._limit = limit
        self._on_bad_line = on_bad_line
        self.counts: dict[str, Counts] = {}
        self.bad: list[BadRow] = []

    def rows(self, split: str, *, tally: bool = True) -> Iterator[object]:
        """The good rows that the task keeps, in order; with `tally`, everything is counted on the way."""
        counts = self.counts.setdefault(split, Counts()) if tally else Counts()
        for row in islice(self._source.rows(split), self._limit):
            counts.rows += 1
            if not isinstance(row, BadRow):
                reason = self._codec.check(row)
                if reason is None:
                    if self._codec.keeps(row):
                        yield row
                    else:
                        counts.left_out += 1
                    continue
                row = BadRow(row.where, reason)
            counts.bad += 1
            if tally and len(self.bad) < KEPT_BAD_ROWS:
                self.bad.append(row)

    def finish(self) -> None:
        """Raise DataError if bad rows are an error, or if nothing is left to train on."""
        total = sum(counts.bad for counts in self.counts.values())
        if total and self._on_bad_line == "error":
            lines = [str(row) for row in self.bad[:SHOWN_BAD_ROWS]]
            if total > len(lines):
                lines.append(f"... and {total - len(lines)} more")
            raise DataError(
                "\n".join(lines)
                + f"\n{total} bad rows. Mend them, or set data.on_bad_line: skip to leave them out."
            )
        train = self.counts["train"]
        if train.rows == train.bad + train.left_out:
            raise DataError(
                f"no row is left to train on: {train.rows} rows, {train.bad} bad, {train.left_out} longer than "
                "data.max_length."
            )
