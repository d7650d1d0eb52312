"""A corpus that is ready for training, as files of one folder that are mapped into memory."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import BinaryIO

import numpy as np

from nlpx.data.keys import KeySet
from nlpx.data.records import BadRow
from nlpx.errors import DataError
from nlpx.text.vocabulary import Vocabulary

Item = Mapping[str, np.ndarray]
ITEMS_AT_ONCE = 20_000
VALUES_AT_ONCE = 1 << 23
"""What is held in memory before it is written: so many items, or so many numbers (32 MiB) if that is less."""
META = "meta.json"
KEYS = "keys.u64"


@dataclass(frozen=True)
class EncodedItems:
    """Training items one behind the other.

    Attributes:
        features: by name, the values of all items, (sum of lengths,) int32.
        offsets: where each item begins, (n,) int64.
        lengths: of the items, (n,) int32.
        others: by name, further sequences of the same items, each with lengths of its own.
    """

    features: Mapping[str, np.ndarray]
    offsets: np.ndarray
    lengths: np.ndarray
    others: Mapping[str, EncodedItems] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.lengths)


@dataclass
class Counts:
    """Rows of one split: read, bad, and left out because the task does not keep them."""

    rows: int = 0
    bad: int = 0
    left_out: int = 0

    @property
    def used(self) -> int:
        return self.rows - self.bad - self.left_out


@dataclass(frozen=True)
class Prepared:
    """A corpus that is ready for training.

    Attributes:
        items: the encoded training rows.
        vocabularies: by name.
        keys: what the task remembers of the training rows.
        fingerprints: by split, sha256 of what it is read from.
        counts: by split.
        bad: the first bad rows.
        bad_total: how many there are, each once, whatever splits share its file.
        cached: whether all this came from the cache.
    """

    items: EncodedItems
    vocabularies: dict[str, Vocabulary]
    keys: KeySet
    fingerprints: dict[str, str]
    counts: dict[str, Counts]
    bad: list[BadRow]
    bad_total: int
    cached: bool


def write(
    folder: Path,
    items: Iterable[Item],
    vocabularies: Mapping[str, Vocabulary],
    counts: Mapping[str, Counts],
    bad: Iterable[BadRow],
    bad_total: int = 0,
) -> None:
    """Write the files of a corpus, but for its keys, into a folder; items that have no positions are dropped.

    Raises:
        DataError: no item is left.
    """
    features = _write_items(folder, items)
    for name, vocabulary in vocabularies.items():
        vocabulary.save(folder / f"{name}.vocabulary.json")
    meta = {
        "features": features,
        "vocabularies": list(vocabularies),
        "counts": {split: asdict(count) for split, count in counts.items()},
        "bad": [[row.where, row.reason] for row in bad],
        "bad_total": bad_total,
    }
    (folder / META).write_text(json.dumps(meta, ensure_ascii=False), encoding="utf-8")


def read(folder: Path, fingerprints: dict[str, str], cached: bool) -> Prepared:
    """Open what `write` wrote. The large arrays are mapped, not read."""
    meta = json.loads((folder / META).read_text(encoding="utf-8"))
    return Prepared(
        items=_read_items(folder, meta["features"]),
        vocabularies={
            name: Vocabulary.load(folder / f"{name}.vocabulary.json") for name in meta["vocabularies"]
        },
        keys=KeySet.load(folder / KEYS),
        fingerprints=fingerprints,
        counts={split: Counts(**counts) for split, counts in meta["counts"].items()},
        bad=[BadRow(*row) for row in meta["bad"]],
        bad_total=meta["bad_total"],
        cached=cached,
    )


def sequence_of(feature: str) -> str:
    """The sequence of a feature: title for `title.char`; the main one, "", for `char`."""
    return feature.rpartition(".")[0]


def _write_items(folder: Path, items: Iterable[Item]) -> list[str]:
    """Write all items, some thousands at a time; the names of their features."""
    names: list[str] = []
    with ExitStack() as stack:
        for chunk in _chunks(items):
            if not names:
                names = list(chunk[0])
                sequences = [
                    _SequenceWriter(folder, sequence, names, stack)
                    for sequence in dict.fromkeys(map(sequence_of, names))
                ]
            for writer in sequences:
                writer.add(chunk)
    if not names:
        raise DataError(
            "no training row gives anything to learn from. Check data.source.train and data.limit."
        )
    return names


class _SequenceWriter:
    """Appends the features of one sequence, and where each item begins in them, to files.

    Args:
        folder: of the files.
        sequence: its name.
        names: the features of an item; those of other sequences are passed over.
        stack: closes the files.
    """

    def __init__(self, folder: Path, sequence: str, names: Iterable[str], stack: ExitStack) -> None:
        def create(name: str) -> BinaryIO:
            return stack.enter_context((folder / name).open("wb"))

        self._features = {name: create(f"{name}.i32") for name in names if sequence_of(name) == sequence}
        self._lengths, self._offsets = map(create, _position_files(sequence))
        self._size = 0

    def add(self, items: Sequence[Item]) -> None:
        first = next(iter(self._features))
        lengths = np.array([len(item[first]) for item in items], np.int32)
        ends = self._size + np.cumsum(lengths, dtype=np.int64)
        lengths.tofile(self._lengths)
        (ends - lengths).tofile(self._offsets)
        for name, file in self._features.items():
            values = np.concatenate([item[name] for item in items]).astype(np.int32, copy=False)
            if len(values) != ends[-1] - self._size:
                raise ValueError(f"the features {first} and {name} of an item have different lengths")
            values.tofile(file)
        self._size = int(ends[-1])


def _read_items(folder: Path, names: Iterable[str]) -> EncodedItems:
    features = {name: _map(folder / f"{name}.i32", np.int32) for name in names}
    sequences: dict[str, EncodedItems] = {}
    for sequence in dict.fromkeys(map(sequence_of, features)):
        lengths, offsets = _position_files(sequence)
        own = {name: values for name, values in features.items() if sequence_of(name) == sequence}
        sequences[sequence] = EncodedItems(
            own, _map(folder / offsets, np.int64), _map(folder / lengths, np.int32)
        )
    return replace(sequences.pop(""), others=sequences)


def _position_files(sequence: str) -> tuple[str, str]:
    """The files of lengths and offsets."""
    prefix = f"{sequence}." if sequence else ""
    return f"{prefix}lengths.i32", f"{prefix}offsets.i64"


def _chunks(items: Iterable[Item]) -> Iterator[list[Item]]:
    chunk: list[Item] = []
    size = 0
    for item in items:
        values = sum(map(len, item.values()))
        if not values:
            continue
        chunk.append(item)
        size += values
        if len(chunk) == ITEMS_AT_ONCE or size >= VALUES_AT_ONCE:
            yield chunk
            chunk, size = [], 0
    if chunk:
        yield chunk


def _map(path: Path, dtype: type[np.generic]) -> np.ndarray:
    if not path.stat().st_size:
        return np.zeros(0, dtype)
    # A plain view of the mapping: indexing an np.memmap itself is several times slower.
    return np.asarray(np.memmap(path, dtype, "r"))
