"""A prepared corpus, stored as memory-mapped files in a folder."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from nlpx.data.items import EncodedItems, Field, Item, read_items, write_items
from nlpx.data.keys import KeySet
from nlpx.data.records import BadRow
from nlpx.text.vocabulary import Vocabulary

META = "meta.json"
KEYS = "keys.u64"


@dataclass
class Counts:
    """Numbers of rows of a split: read, bad, and left out by the task."""

    rows: int = 0
    bad: int = 0
    left_out: int = 0

    @property
    def used(self) -> int:
        return self.rows - self.bad - self.left_out


@dataclass
class Findings:
    """What reading a corpus found: numbers of rows by split, the first distinct bad rows, their total."""

    counts: dict[str, Counts]
    bad: list[BadRow]
    bad_total: int


@dataclass(kw_only=True)
class Prepared(Findings):
    """A corpus prepared for training, SHA-256 of the data by split, and whether the cache had it."""

    items: EncodedItems
    vocabularies: dict[str, Vocabulary]
    keys: KeySet
    fingerprints: dict[str, str]
    cached: bool = False


def write(
    folder: Path,
    items: Iterable[Item],
    fields: Mapping[str, Field],
    vocabularies: Mapping[str, Vocabulary],
    found: Findings,
) -> None:
    """Write the files of a corpus, except its keys, into a folder; raises DataError if no item is left."""
    written = write_items(folder, items, fields)
    for name, vocabulary in vocabularies.items():
        vocabulary.save(folder / f"{name}.vocabulary.json")
    meta = {
        "fields": written,
        "vocabularies": list(vocabularies),
        "counts": {split: asdict(count) for split, count in found.counts.items()},
        "bad": [[row.where, row.reason] for row in found.bad],
        "bad_total": found.bad_total,
    }
    (folder / META).write_text(json.dumps(meta, ensure_ascii=False), encoding="utf-8")


def read(folder: Path, fingerprints: dict[str, str]) -> Prepared:
    """Open files written by `write`. Large arrays are mapped, not read."""
    meta = json.loads((folder / META).read_text(encoding="utf-8"))
    return Prepared(
        items=read_items(folder, meta["fields"]),
        vocabularies={
            name: Vocabulary.load(folder / f"{name}.vocabulary.json") for name in meta["vocabularies"]
        },
        keys=KeySet.load(folder / KEYS),
        fingerprints=fingerprints,
        counts={split: Counts(**counts) for split, counts in meta["counts"].items()},
        bad=[BadRow(*row) for row in meta["bad"]],
        bad_total=meta["bad_total"],
    )
