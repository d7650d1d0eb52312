"""Arrays in files: written without pickle, and read from files that may be damaged or made up."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from pathlib import Path
from tokenize import TokenError
from zipfile import ZIP_STORED, BadZipFile, ZipFile, ZipInfo

import numpy as np

from nlpx.core.files import Unreadable, open_regular

UNDOCUMENTED = (
    *(BadZipFile, EOFError, NotImplementedError, RuntimeError, TokenError, Unreadable),
    *(IndexError, KeyError, TypeError, AttributeError, MemoryError, OverflowError),
)
"""What zipfile and NumPy raise for damaged files, in addition to OSError and ValueError."""
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
    """Read what `write_arrays` wrote; no more memory is taken than the file is large.

    Raises:
        OSError, ValueError: not such a file.
    """
    arrays = {}
    try:
        with open_regular(path, follow=False) as file, ZipFile(file) as archive:
            members = archive.infolist()
            if sum(member.file_size for member in members) > os.fstat(file.fileno()).st_size:
                raise ValueError("its arrays are larger than the file")
            for member in members:
                key, array = member.filename.removesuffix(".npy"), _array(archive, member)
                name, _, dtype = key.partition("|")
                arrays[name] = array.view(_special(dtype)) if dtype else array
    except UNDOCUMENTED as error:
        raise ValueError(f"{error}") from None
    return arrays


def _array(archive: ZipFile, member: ZipInfo) -> np.ndarray:
    """An array of an archive; the shape it claims is compared with its size before memory is taken for it."""
    if member.compress_type != ZIP_STORED:
        raise ValueError(f"{member.filename} is compressed, which nlpx never does")
    with archive.open(member) as file:
        version = np.lib.format.read_magic(file)
        read = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}
        if version not in read:
            raise ValueError(f"{member.filename}: npy version {version} is not known")
        shape, fortran, dtype = read[version](file)
        if dtype.hasobject:
            raise ValueError(f"{member.filename} holds objects, which need allow_pickle")
        claimed, left = math.prod(shape) * dtype.itemsize, member.file_size - file.tell()
        if claimed != left or min(shape, default=0) < 0:
            raise ValueError(f"{member.filename}: shape {shape} of {dtype} needs {claimed} bytes, not {left}")
        content = file.read()
    return np.frombuffer(content, dtype).reshape(shape, order="F" if fortran else "C")


def _stored(name: str, array: np.ndarray) -> tuple[str, np.ndarray]:
    # np.save writes such arrays as raw bytes and does not find their dtype again.
    if array.dtype.kind != "V" or array.dtype.isbuiltin == 1:
        return name, array
    return f"{name}|{array.dtype.name}", array.view(VIEWS[array.dtype.itemsize])


def _special(name: str) -> np.dtype:
    import ml_dtypes

    found = getattr(ml_dtypes, name, None)
    if not isinstance(found, type) or not issubclass(found, np.generic):
        raise ValueError(f"there is no dtype {name[:40]!r}")
    return np.dtype(found)
