"""Files that are whole or not there, also after a crash: written, synced, then named."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from pathlib import Path

import numpy as np

VIEWS = {1: np.uint8, 2: np.uint16}
"""How dtypes that NumPy does not know (bfloat16, float8) are stored: by size in bytes."""


def write_bytes(path: Path, data: bytes) -> None:
    """Write a new file and wait until it is on the disk."""
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def write_arrays(path: Path, arrays: Mapping[str, np.ndarray]) -> None:
    """Write arrays as npz without pickle, and wait until they are on the disk. Equal arrays: equal bytes.

    Dtypes that only ml_dtypes knows are stored as unsigned integers, under `name|dtype`.
    """
    with path.open("wb") as file:
        np.savez(file, allow_pickle=False, **dict(_stored(name, array) for name, array in arrays.items()))
        file.flush()
        os.fsync(file.fileno())


def read_arrays(path: Path) -> dict[str, np.ndarray]:
    """Read what `write_arrays` wrote.

    Raises:
        OSError, ValueError: not such a file.
    """
    arrays = {}
    with np.load(path, allow_pickle=False) as archive:
        for key in archive.files:
            name, _, dtype = key.partition("|")
            arrays[name] = archive[key].view(_special(dtype)) if dtype else archive[key]
    return arrays


def replace_text(path: Path, text: str) -> None:
    """Replace a small file so that a reader sees the old text or the new one."""
    temporary = path.with_name(f".{path.name}.tmp")
    write_bytes(temporary, text.encode())
    temporary.replace(path)
    sync_folder(path.parent)


def sync_folder(path: Path) -> None:
    """Wait until the names in a folder are on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sha256(path: Path) -> str:
    """sha256 of a file, as hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _stored(name: str, array: np.ndarray) -> tuple[str, np.ndarray]:
    # np.save writes such arrays as raw bytes and does not find their dtype again.
    if array.dtype.kind != "V" or array.dtype.isbuiltin == 1:
        return name, array
    return f"{name}|{array.dtype.name}", array.view(VIEWS[array.dtype.itemsize])


def _special(name: str) -> np.dtype:
    import ml_dtypes

    return np.dtype(getattr(ml_dtypes, name))
