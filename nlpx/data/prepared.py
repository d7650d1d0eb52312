"""A corpus that is ready for training, as files of one folder that are mapped into memory."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from typing import BinaryIO

import numpy as np

from nlpx.data.keys import KeySet
from nlpx.data.rows import BadRow
from nlpx.errors import DataError
from nlpx.text.vocabulary import Vocabulary

Item = Mapping[str, np.ndarray]
ITEMS_AT_ONCE = 20_000
META = "meta.json"
KEYS = "keys.u64"


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
        cached: whether all this came from the cache.
    """

    items: EncodedItems
    vocabularies: dict[str, Vocabulary]
    keys: KeySet
    fingerprints: dict[str, str]
    counts: dict[str, Counts]
    bad: list[BadRow]
    cached: bool


def write(
    folder: Path,
    items: Iterable[Item],
    vocabularies: Mapping[str, Vocabulary],
    counts: Mapping[str, Counts],
    bad: Iterable[BadRow],
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
    }
    (folder / META).write_text(json.dumps(meta, ensure_ascii=False), encoding="utf-8")


def read(folder: Path, fingerprints: dict[str, str], cached: bool) -> Prepared:
    """Open what `write` wrote. The large arrays are mapped, not read."""
    meta = json.loads((folder / META).read_text(encoding="utf-8"))
    features = {name: _map(folder / f"{name}.i32", np.int32) for name in meta["features"]}
    lengths = _map(folder / "lengths.i32", np.int32)
    return Prepared(
        items=EncodedItems(features, _map(folder / "offsets.i64", np.int64), lengths),
        vocabularies={
            name: Vocabulary.load(folder / f"{name}.vocabulary.json") for name in meta["vocabularies"]
        },
        keys=KeySet.load(folder / KEYS),
        fingerprints=fingerprints,
        counts={split: Counts(**counts) for split, counts in meta["counts"].items()},
        bad=[BadRow(*row) for row in meta["bad"]],
        cached=cached,
    )


def _write_items(folder: Path, items: Iterable[Item]) -> list[str]:
    """Write all items, some thousands at a time; the names of their features."""
    names: list[str] = []
    size = 0
    with ExitStack() as stack:

        def create(name: str) -> BinaryIO:
            return stack.enter_context((folder / name).open("wb"))

        lengths_file, offsets_file = create("lengths.i32"), create("offsets.i64")
        for chunk in _chunks(items):
            if not names:
                names = list(chunk[0])
                files = {name: create(f"{name}.i32") for name in names}
            lengths = np.array([len(item[names[0]]) for item in chunk], np.int32)
            ends = size + np.cumsum(lengths, dtype=np.int64)
            lengths.tofile(lengths_file)
            (ends - lengths).tofile(offsets_file)
            for name in names:
                values = np.concatenate([item[name] for item in chunk]).astype(np.int32, copy=False)
                if len(values) != ends[-1] - size:
                    raise ValueError(f"the features {names[0]} and {name} of an item have different lengths")
                values.tofile(files[name])
            size = int(ends[-1])
    if not names:
        raise DataError(
            "no training row gives anything to learn from. Check data.source.train and data.limit."
        )
    return names


def _chunks(items: Iterable[Item]) -> Iterator[list[Item]]:
    filled = (item for item in items if any(map(len, item.values())))
    while chunk := list(islice(filled, ITEMS_AT_ONCE)):
        yield chunk


def _map(path: Path, dtype: type[np.generic]) -> np.ndarray:
    # A plain view of the mapping: indexing an np.memmap itself is several times slower.
    return np.asarray(np.memmap(path, dtype, "r"))
