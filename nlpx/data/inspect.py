"""Statistics and encoding of a corpus for `nlpx data`; rows are streamed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Generic, TypeVar

import numpy as np

from nlpx.core.scratch import scratch
from nlpx.data.codec import Codec
from nlpx.data.encoding import Reading
from nlpx.data.keys import KeySet, KeyWriter
from nlpx.data.prepared import Counts, Prepared
from nlpx.data.records import Record
from nlpx.text.vocabulary import Vocabulary

if TYPE_CHECKING:
    from nlpx.components.sources.base import Source

RowT = TypeVar("RowT", bound=Record)
LISTED = 200
"""Maximum size of a vocabulary whose tokens are listed."""


@dataclass
class SplitStatistics:
    """Statistics of a split. All except `counts` refer to the rows that are used.

    Attributes:
        lengths: number of rows by the length of their first text in characters; empty for records
            without texts.
        duplicates: number of rows that equal an earlier row of the split.
        in_train: number of rows that equal a training row; None for train.
        known_keys: proportion of keys (upper lines; words) that also occur in train; None for train.
        unknown: proportion of tokens without an id, by vocabulary.
    """

    counts: Counts = field(default_factory=Counts)
    lengths: dict[int, int] = field(default_factory=dict)
    characters: int = 0
    distinct_characters: int = 0
    duplicates: int = 0
    in_train: int | None = None
    known_keys: float | None = None
    unknown: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Statistics:
    """Statistics by split, sizes of vocabularies without the unknown token, and frequencies in small ones."""

    splits: dict[str, SplitStatistics]
    vocabularies: dict[str, int]
    occurrences: dict[str, dict[str, int]]


@dataclass(frozen=True)
class EncodedRow:
    """A row as the model sees it: tokens, and whether they have an id, by vocabulary; items as ids."""

    where: str
    line: str
    tokens: dict[str, list[tuple[str, bool]]]
    items: list[dict[str, list[float]]]


def statistics(source: Source, codec: Codec[RowT], limit: int | None) -> Statistics:
    """Compute statistics in one pass over each split; raises DataError if a split has no usable row."""
    reading = Reading(source, codec, limit)
    splits: dict[str, SplitStatistics] = {}
    vocabularies: dict[str, Vocabulary] = {}
    with scratch() as temporary:
        train: _Seen | None = None
        for split in source.splits():  # train is first
            folder = temporary / split
            folder.mkdir()
            tally = _Tally(codec, folder, train)
            with reading.refusing("skip"):
                tally.add(reading.rows(split))
            if train is None:
                vocabularies = {
                    name: Vocabulary.build(counts, codec.min_counts[name], codec.max_sizes[name])
                    for name, counts in tally.tokens.items()
                }
            seen = tally.seen()
            splits[split] = tally.result(reading.counts[split], seen, vocabularies)
            train = train or seen
        return Statistics(
            splits,
            {name: len(vocabulary) - 1 for name, vocabulary in vocabularies.items()},
            {
                name: dict(zip(vocabulary.tokens[1:], vocabulary.counts[1:], strict=True))
                for name, vocabulary in vocabularies.items()
                if len(vocabulary) - 1 <= LISTED
            },
        )


def encoded_rows(
    source: Source, codec: Codec[RowT], prepared: Prepared, split: str, count: int
) -> Iterator[EncodedRow]:
    """The first usable rows of a split with their encoding."""
    reading = Reading(source, codec, None)
    vocabularies = prepared.vocabularies
    for row in islice(reading.rows(split), count):
        tokens = {
            name: [(token, token in vocabularies[name]) for token in tokens]
            for name, tokens in codec.count(row).items()
        }
        items = [
            {name: np.ravel(values).tolist() for name, values in item.items()}
            for item in codec.encode(row, vocabularies)
        ]
        yield EncodedRow(row.where, row.line, tokens, items)


@dataclass(frozen=True)
class _Seen:
    """Lines and keys for comparison, of an earlier split or of this one."""

    lines: KeySet
    keys: KeySet


class _Tally(Generic[RowT]):
    """Counts the rows of a split, and those that are also in the training split."""

    def __init__(self, codec: Codec[RowT], folder: Path, train: _Seen | None) -> None:
        self._codec = codec
        self._train = train
        self._lines, self._keys = KeyWriter(folder / "lines"), KeyWriter(folder / "keys")
        self._key_count = self._known_keys = self._in_train = 0
        self._characters: Counter[str] = Counter()
        self._lengths: Counter[int] = Counter()
        self.tokens: dict[str, Counter[str]] = {name: Counter() for name in codec.min_counts}

    def add(self, rows: Iterable[RowT]) -> None:
        for row in rows:
            if row.texts:
                self._lengths[len(row.texts[0])] += 1
            for text in row.texts:
                self._characters.update(text)
            for name, tokens in self._codec.count(row).items():
                self.tokens[name].update(tokens)
            self._lines.add(row.line)
            if self._train is None:
                for key in self._codec.keys(row):
                    self._keys.add(key)
            else:
                self._in_train += row.line in self._train.lines
                known = [key in self._train.keys for key in self._codec.keys(row)]
                self._key_count += len(known)
                self._known_keys += sum(known)

    def seen(self) -> _Seen:
        """The lines and keys of the rows; no rows can be added afterwards."""
        return _Seen(self._lines.finish(), self._keys.finish())

    def result(self, counts: Counts, seen: _Seen, vocabularies: dict[str, Vocabulary]) -> SplitStatistics:
        return SplitStatistics(
            counts=counts,
            lengths=dict(sorted(self._lengths.items())),
            characters=self._characters.total(),
            distinct_characters=len(self._characters),
            duplicates=counts.used - len(seen.lines),
            in_train=None if self._train is None else self._in_train,
            known_keys=self._known_keys / self._key_count if self._key_count else None,
            unknown={name: _unknown(tokens, vocabularies[name]) for name, tokens in self.tokens.items()},
        )


def _unknown(tokens: Counter[str], vocabulary: Vocabulary) -> float:
    unknown = sum(count for token, count in tokens.items() if token not in vocabulary)
    return unknown / max(tokens.total(), 1)
