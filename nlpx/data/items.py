"""Training items as typed arrays, in memory or memory-mapped."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import BinaryIO, Literal

import numpy as np

from nlpx.errors import DataError

MAIN = ""
"""The sequence whose length determines the length bucket of an item."""
ITEMS_AT_ONCE = 20_000
BYTES_AT_ONCE = 1 << 25
"""Maximum numbers of items and bytes in memory before they are written."""

Item = Mapping[str, np.ndarray]


@dataclass(frozen=True)
class Field:
    """The type of an array of items.

    Attributes:
        shape: shape of a value; () for numbers.
        sequence: the sequence with a value at each position; the array is (T, *shape), and all fields
            of a sequence have the same length T. None: one value per item, (*shape).
    """

    dtype: Literal["int32", "float32", "uint8", "bool"] = "int32"
    shape: tuple[int, ...] = ()
    sequence: str | None = MAIN

    @classmethod
    def like(cls, values: np.ndarray) -> Field:
        """The field of the main sequence that has such values."""
        return cls(values.dtype.name, values.shape[1:])  # type: ignore[arg-type]  # one of these


@dataclass(frozen=True)
class Extent:
    """Lengths of items, (n,) int32, and the offsets of their first positions in an array, (n,) int64."""

    lengths: np.ndarray
    offsets: np.ndarray

    @classmethod
    def of(cls, lengths: np.ndarray) -> Extent:
        """The extent of consecutive items."""
        return cls(lengths, np.cumsum(lengths, dtype=np.int64) - lengths)


@dataclass(frozen=True)
class EncodedItems:
    """Concatenated items: (sum of lengths, *shape) by field, or (n, *shape) without a sequence; extents."""

    fields: Mapping[str, Field]
    arrays: Mapping[str, np.ndarray]
    extents: Mapping[str, Extent]

    @classmethod
    def of(cls, items: Sequence[Item], fields: Mapping[str, Field]) -> EncodedItems:
        """Items in memory, with the fields of the first; raises ValueError for an array of another shape."""
        arrays: dict[str, np.ndarray] = {}
        lengths: dict[str, np.ndarray] = {}
        for name in items[0]:
            field, parts = fields[name], [np.asarray(item[name]) for item in items]
            arrays[name] = (np.stack if field.sequence is None else np.concatenate)(parts).astype(
                field.dtype, casting="same_kind", copy=False
            )
            if arrays[name].shape[1:] != field.shape:
                raise ValueError(f"{name} has the shape {parts[0].shape}, which does not fit {field}")
            if field.sequence is not None:
                own = np.array([len(part) for part in parts], np.int32)
                if (lengths.setdefault(field.sequence, own) != own).any():
                    raise ValueError(f"{name} and other fields of an item have different lengths")
        extents = {sequence: Extent.of(own) for sequence, own in lengths.items()}
        return cls({name: fields[name] for name in arrays}, arrays, extents)

    def __len__(self) -> int:
        for extent in self.extents.values():
            return len(extent.lengths)
        return len(next(iter(self.arrays.values())))

    @property
    def lengths(self) -> np.ndarray:
        """Lengths of the main sequence, (n,) int32."""
        return self.extents[MAIN].lengths


def write_items(
    folder: Path, items: Iterable[Item], fields: Mapping[str, Field]
) -> dict[str, dict[str, object]]:
    """Write items to files, some thousands at a time; items with an empty main sequence are skipped.

    Returns:
        The arguments of `read_items`.

    Raises:
        DataError: no item is left.
    """
    main = next((name for name, field in fields.items() if field.sequence == MAIN), None)
    files: dict[str, BinaryIO] = {}
    with ExitStack() as stack:
        for chunk in _chunks(items, main):
            encoded = EncodedItems.of(chunk, fields)
            if encoded.fields.keys() != fields.keys():
                raise ValueError(f"an item has the fields {[*encoded.fields]}, expected {[*fields]}")
            arrays = {_array(name, fields[name]): array for name, array in encoded.arrays.items()}
            arrays |= {_lengths(name): extent.lengths for name, extent in encoded.extents.items()}
            for name, array in arrays.items():
                if name not in files:
                    files[name] = stack.enter_context((folder / name).open("wb"))
                array.tofile(files[name])
    if not files:
        raise DataError(
            "no training row gives anything to learn from. Check data.source.train and data.limit."
        )
    return {name: asdict(field) for name, field in fields.items()}


def read_items(folder: Path, fields: Mapping[str, Mapping[str, object]]) -> EncodedItems:
    """Map files written by `write_items`."""
    known = {name: Field(**{**field, "shape": tuple(field["shape"])}) for name, field in fields.items()}  # type: ignore[arg-type]  # as it was written
    sequences = dict.fromkeys(field.sequence for field in known.values() if field.sequence is not None)
    return EncodedItems(
        known,
        {name: _map(folder / _array(name, f), f.dtype, f.shape) for name, f in known.items()},
        {name: Extent.of(_map(folder / _lengths(name), "int32")) for name in sequences},
    )


def _array(name: str, field: Field) -> str:
    """The file of a field."""
    return f"{name}.{field.dtype}"


def _lengths(sequence: str) -> str:
    """The file of the lengths of a sequence."""
    return f"{sequence}.lengths" if sequence else "lengths"


def _chunks(items: Iterable[Item], main: str | None) -> Iterator[list[Item]]:
    chunk: list[Item] = []
    size = 0
    for item in items:
        if main is not None and not len(item[main]):
            continue
        chunk.append(item)
        size += sum(array.nbytes for array in item.values())
        if len(chunk) == ITEMS_AT_ONCE or size >= BYTES_AT_ONCE:
            yield chunk
            chunk, size = [], 0
    if chunk:
        yield chunk


def _map(path: Path, dtype: str, shape: tuple[int, ...] = ()) -> np.ndarray:
    if not path.stat().st_size:
        return np.zeros((0, *shape), dtype)
    # A plain view of the mapping: indexing an np.memmap itself is several times slower.
    values = np.asarray(np.memmap(path, dtype, "r"))
    return values.reshape(-1, *shape) if shape else values
