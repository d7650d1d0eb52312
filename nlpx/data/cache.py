"""Encoded corpora on disk, mapped into memory when they are used.

An entry is a folder named by the hash of everything that decides its content: the bytes of the data, the task's
settings, the vocabularies' settings. It is written under a temporary name and renamed when it is whole, so that
several processes may build the same entry; the first one to finish wins.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from pathlib import Path

import numpy as np

from nlpx.data.encoding import Codec, Counts, EncodedItems, Prepared
from nlpx.data.keys import KeySet
from nlpx.data.rows import BadRow
from nlpx.errors import EnvironmentProblem
from nlpx.text.vocabulary import Vocabulary

FORMAT = 1
ITEMS_AT_ONCE = 50_000


def entry_path(
    cache: Path, fingerprints: Mapping[str, str], codec: Codec, limit: int | None, on_bad_line: str
) -> Path:
    """Where the entry of these data and settings lies."""
    parts = [FORMAT, sorted(fingerprints.items()), codec.settings(), sorted(codec.min_counts.items())]
    parts += [sorted(codec.max_sizes.items()), limit, on_bad_line]
    return cache / "corpora" / hashlib.sha256(repr(parts).encode()).hexdigest()[:32]


def load(entry: Path, fingerprints: dict[str, str], report: Callable[[str], None]) -> Prepared | None:
    """The entry, mapped; None if there is none, or if it is damaged, which is reported."""
    if not entry.is_dir():
        return None
    try:
        meta = json.loads((entry / "meta.json").read_text(encoding="utf-8"))
        lengths = np.load(entry / "lengths.npy", mmap_mode="r", allow_pickle=False)
        features = {name: np.memmap(entry / f"{name}.i32", np.int32, "r") for name in meta["features"]}
        if any(len(values) != meta["size"] for values in features.values()) or len(lengths) != meta["items"]:
            raise ValueError("a file is shorter or longer than it was")
        return Prepared(
            items=EncodedItems(features, _offsets(lengths), lengths),
            vocabularies={
                name: Vocabulary.load(entry / f"{name}.vocabulary.json") for name in meta["vocabularies"]
            },
            keys=KeySet.load(entry / "keys.npy"),
            fingerprints=fingerprints,
            counts={split: Counts(**counts) for split, counts in meta["counts"].items()},
            bad=[BadRow(*row) for row in meta["bad"]],
            cached=True,
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        report(f"{entry}: this cache entry is damaged ({error}) and is built again")
        shutil.rmtree(entry, ignore_errors=True)
        return None


def save(
    entry: Path,
    items: Iterable[Mapping[str, np.ndarray]],
    vocabularies: Mapping[str, Vocabulary],
    keys: KeySet,
    counts: Mapping[str, Counts],
    bad: Iterable[BadRow],
    fingerprints: dict[str, str],
    report: Callable[[str], None],
) -> Prepared:
    """Write an entry and open it.

    Raises:
        EnvironmentProblem: the cache cannot be written.
    """
    temporary = entry.with_name(f".{entry.name}.{os.getpid()}.tmp")
    try:
        shutil.rmtree(temporary, ignore_errors=True)
        temporary.mkdir(parents=True)
        lengths, names = _write_items(temporary, items)
        np.save(temporary / "lengths.npy", lengths)
        for name, vocabulary in vocabularies.items():
            vocabulary.save(temporary / f"{name}.vocabulary.json")
        keys.save(temporary / "keys.npy")
        meta = {
            "features": names,
            "items": len(lengths),
            "size": int(lengths.sum(dtype=np.int64)),
            "vocabularies": list(vocabularies),
            "counts": {split: asdict(count) for split, count in counts.items()},
            "bad": [[row.where, row.reason] for row in bad],
        }
        (temporary / "meta.json").write_text(json.dumps(meta, ensure_ascii=False), encoding="utf-8")
        try:
            temporary.rename(entry)
        except OSError:
            if not entry.is_dir():
                raise
    except OSError as error:
        raise EnvironmentProblem(
            f"{entry.parent}: the cache of encoded data cannot be written: {error.strerror or error}. "
            "Choose another folder with data.cache or $NLPX_CACHE, or free space."
        ) from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    prepared = load(entry, fingerprints, report)
    if prepared is None:
        raise EnvironmentProblem(f"{entry}: what was just written cannot be read. Check the disk.")
    return Prepared(**{**vars(prepared), "cached": False})


def _write_items(folder: Path, items: Iterable[Mapping[str, np.ndarray]]) -> tuple[np.ndarray, list[str]]:
    lengths: list[np.ndarray] = []
    names: list[str] = []
    chunk: list[Mapping[str, np.ndarray]] = []

    def flush() -> None:
        if not chunk:
            return
        lengths.append(np.array([len(next(iter(item.values()))) for item in chunk], np.int32))
        for name in names:
            with (folder / f"{name}.i32").open("ab") as file:
                np.concatenate([item[name] for item in chunk]).astype(np.int32).tofile(file)
        chunk.clear()

    for item in items:
        if not len(next(iter(item.values()))):
            continue
        names = names or list(item)
        chunk.append(item)
        if len(chunk) == ITEMS_AT_ONCE:
            flush()
    flush()
    return np.concatenate(lengths), names


def _offsets(lengths: np.ndarray) -> np.ndarray:
    return np.concatenate([[0], np.cumsum(lengths[:-1], dtype=np.int64)])
