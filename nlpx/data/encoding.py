"""Check and encode a corpus in two passes and constant memory, with a cache."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Generic, cast

from nlpx.data import prepared
from nlpx.data.cache import open_entry
from nlpx.data.codec import Codec, RowT
from nlpx.data.keys import KeyWriter
from nlpx.data.prepared import Counts, Findings, Prepared
from nlpx.data.records import BadRow
from nlpx.data.refusal import OnBadLine, formats, refuse
from nlpx.errors import DataError
from nlpx.text.vocabulary import Vocabulary

if TYPE_CHECKING:
    from nlpx.components.sources.base import Source

FORMAT = 6
KEPT_BAD_ROWS = 1000


class Reading(Findings, Generic[RowT]):
    """Reads the valid rows of a source and counts the others; a bad row in several splits is listed once."""

    def __init__(
        self,
        source: Source,
        codec: Codec[RowT],
        limit: int | None,
        on_bad: Callable[[BadRow], object] = lambda row: None,
    ) -> None:
        self._source = source
        self._codec = codec
        self._limit = limit
        self._on_bad = on_bad
        self._listed: dict[str, set[int]] = {}
        super().__init__({}, [], 0)

    def rows(self, split: str) -> Iterator[RowT]:
        """The usable rows in order. `counts[split]` is complete after the last one."""
        counts = self.counts[split] = Counts()
        check, keeps = self._codec.check, self._codec.keeps
        for row in islice(self._source.rows(split), self._limit):
            counts.rows += 1
            if isinstance(row, BadRow):
                bad = row
            else:
                # A source with another kind of records than the task reads has been rejected before.
                good = cast(RowT, row)
                reason = check(good)
                if reason is None:
                    if keeps(good):
                        yield good
                    else:
                        counts.left_out += 1
                    continue
                bad = BadRow(row.where, reason)
            counts.bad += 1
            self._list(split, bad)

    @contextmanager
    def refusing(self, on_bad_line: OnBadLine) -> Iterator[None]:
        """Read rows in this block; raises DataError as in `refuse`, also if reading fails."""
        try:
            yield
        except DataError as error:
            refuse(self._source, self, on_bad_line, error)
        refuse(self._source, self, on_bad_line)

    def _list(self, split: str, bad: BadRow) -> None:
        mark = hash((bad.where, bad.reason))
        if any(mark in listed for other, listed in self._listed.items() if other != split):
            return
        self._listed.setdefault(split, set()).add(mark)
        self.bad_total += 1
        if len(self.bad) < KEPT_BAD_ROWS:
            self.bad.append(bad)
        self._on_bad(bad)


def prepare(
    source: Source,
    codec: Codec[RowT],
    *,
    limit: int | None,
    on_bad_line: OnBadLine,
    cache: Path,
    report: Callable[[str], None],
) -> Prepared:
    """Check all splits, build vocabularies and encode the training rows, or load them from the cache.

    Raises:
        DataError: there are bad rows, or a split has no usable row.
        EnvironmentProblem: the cache cannot be written.
    """
    for warning in source.warnings():
        report(f"warning: {warning}")
    fingerprints = {split: source.fingerprint(split) for split in source.splits()}
    entry = cache / "corpora" / _entry_name(source, codec, limit, fingerprints)

    def build(folder: Path) -> None:
        report("checking and encoding the data (kept for the next start)")
        _encode(source, codec, limit, on_bad_line, folder)

    found, cached = open_entry(entry, build, lambda folder: prepared.read(folder, fingerprints), report)
    if cached:
        refuse(source, found, on_bad_line)
    # Only few valid rows are left after skipping bad ones.
    for hint in formats(source, found.counts):
        report(f"warning: nearly all rows are bad and left out. {hint}")
    return replace(found, cached=cached)


def _encode(
    source: Source, codec: Codec[RowT], limit: int | None, on_bad_line: OnBadLine, folder: Path
) -> None:
    reading = Reading(source, codec, limit)
    counters: dict[str, Counter[str]] = {name: Counter() for name in codec.min_counts}
    keys = KeyWriter(folder / prepared.KEYS)
    with reading.refusing(on_bad_line):
        for split in source.splits():
            for row in reading.rows(split):
                if split != "train":
                    continue
                for name, tokens in codec.count(row).items():
                    counters[name].update(tokens)
                for key in codec.keys(row):
                    keys.add(key)
    keys.finish()
    min_counts, max_sizes = codec.min_counts, codec.max_sizes
    vocabularies = {
        name: Vocabulary.build(counters.pop(name), min_counts[name], max_sizes[name]) for name in min_counts
    }
    again = Reading(source, codec, limit)
    vocabularies |= codec.derive(again.rows("train"), vocabularies)
    items = (item for row in again.rows("train") for item in codec.encode(row, vocabularies))
    prepared.write(folder, items, codec.fields, vocabularies, reading)


def _entry_name(
    source: Source, codec: Codec[RowT], limit: int | None, fingerprints: Mapping[str, str]
) -> str:
    """A hash of everything that determines the content of an entry."""
    parts = FORMAT, sorted(fingerprints.items()), source.cache_key(), codec.cache_key(), limit
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:32]
