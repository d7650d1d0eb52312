"""Arrays in files: every bit, no pickle, damage found."""

from __future__ import annotations

import contextlib
import io
import os
import struct
import zipfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

import ml_dtypes
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as numpy_strategies

from nlpx.core.files import file_hash
from nlpx.engine import arrays

DTYPES = ("float32", "float64", "float16", "int32", "uint32", "bool")


SHAPES = numpy_strategies.array_shapes(min_dims=0, max_side=4)
ARRAYS: st.SearchStrategy[np.ndarray] = st.one_of(
    [numpy_strategies.arrays(np.dtype(name), SHAPES) for name in DTYPES]
)


@settings(max_examples=40)
@given(ARRAYS)
def test_arrays_keep_every_bit(tmp_path_factory: pytest.TempPathFactory, array: np.ndarray) -> None:
    path = tmp_path_factory.mktemp("npz") / "a.npz"
    arrays.write_arrays(path, {"model/0000/层": array})
    (name, again), *more = arrays.read_arrays(path).items()
    assert not more
    assert name == "model/0000/层"
    assert (again.dtype, again.shape, again.tobytes()) == (array.dtype, array.shape, array.tobytes())


@pytest.mark.parametrize("dtype", [ml_dtypes.bfloat16, ml_dtypes.float8_e4m3fn])
def test_small_floats(tmp_path: Path, dtype: type) -> None:
    array: np.ndarray = np.linspace(-2, 2, 6).reshape(2, 3).astype(dtype)
    arrays.write_arrays(tmp_path / "a.npz", {"w": array, "scalar": array[0, 0].reshape(())})
    again = arrays.read_arrays(tmp_path / "a.npz")
    assert again["w"].dtype == array.dtype
    assert again["w"].tobytes() == array.tobytes()
    assert again["scalar"].shape == ()


def test_equal_arrays_give_equal_files(tmp_path: Path) -> None:
    for name in "ab":
        arrays.write_arrays(tmp_path / name, {"x": np.arange(5), "y": np.ones((2, 2))})
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_objects_are_neither_written_nor_read(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="allow_pickle"):
        arrays.write_arrays(tmp_path / "a.npz", {"x": np.array([{}], object)})
    np.savez(tmp_path / "evil.npz", x=np.array([{}], object))
    with pytest.raises(ValueError, match="allow_pickle"):
        arrays.read_arrays(tmp_path / "evil.npz")


def _npz(path: Path, content: bytes, method: int = zipfile.ZIP_STORED) -> None:
    with zipfile.ZipFile(path, "w", method) as archive:
        archive.writestr("x.npy", content)


def _npy(array: np.ndarray) -> bytes:
    file = io.BytesIO()
    np.lib.format.write_array(file, array)
    return file.getvalue()


def _header(shape: str, dtype: str = "<f4") -> bytes:
    text = f"{{'descr': '{dtype}', 'fortran_order': False, 'shape': {shape}, }}"
    text += " " * (-(len(text) + 11) % 64) + "\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text.encode() + b"\0" * 4


class TestDamaged:
    """Whatever a file claims, reading it raises OSError or ValueError and takes no more memory than it has."""

    @pytest.mark.parametrize("shape", ["(9999999999999,)", "(1 << 60, 1 << 60)", "(-1, -1)", "(2,)", "()"])
    def test_shape_that_is_not_that_of_the_bytes(self, tmp_path: Path, shape: str) -> None:
        _npz(tmp_path / "a.npz", _header(shape, "<f8" if shape == "()" else "<f4"))
        with pytest.raises(ValueError, match=r"needs \d+ bytes, not 4|malformed|Cannot parse"):
            arrays.read_arrays(tmp_path / "a.npz")

    def test_compressed(self, tmp_path: Path) -> None:
        _npz(tmp_path / "a.npz", _npy(np.zeros(10**6)), zipfile.ZIP_DEFLATED)
        with pytest.raises(ValueError, match=r"larger than the file|compressed"):
            arrays.read_arrays(tmp_path / "a.npz")

    def test_unknown_method(self, tmp_path: Path) -> None:
        _npz(tmp_path / "a.npz", _npy(np.zeros(10)))
        content = (tmp_path / "a.npz").read_bytes()
        at = content.rindex(b"PK\x01\x02") + 10
        (tmp_path / "a.npz").write_bytes(content[:at] + b"\x63\x00" + content[at + 2 :])
        with pytest.raises(ValueError, match="compressed"):
            arrays.read_arrays(tmp_path / "a.npz")

    def test_one_array_under_many_names(self, tmp_path: Path) -> None:
        _npz(tmp_path / "a.npz", _npy(np.zeros(1000)))
        content = (tmp_path / "a.npz").read_bytes()
        start, end = content.rindex(b"PK\x01\x02"), content.rindex(b"PK\x05\x06")
        entries = b"".join(content[start:end].replace(b"x.npy", name) for name in (b"y.npy", b"z.npy"))
        tail = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 2, 2, len(entries), start, 0)
        (tmp_path / "a.npz").write_bytes(content[:start] + entries + tail)
        with pytest.raises(ValueError, match=r"larger than the file|Overlap"):
            arrays.read_arrays(tmp_path / "a.npz")

    def test_unknown_small_float(self, tmp_path: Path) -> None:
        arrays.write_arrays(tmp_path / "a.npz", {"w|finfo": np.zeros(2, np.uint16)})
        with pytest.raises(ValueError, match="there is no dtype 'finfo'"):
            arrays.read_arrays(tmp_path / "a.npz")

    @pytest.mark.parametrize("make", [os.mkfifo, lambda path: path.symlink_to("/dev/zero"), Path.mkdir])
    def test_what_is_no_file(self, tmp_path: Path, make: Callable[[Path], None]) -> None:
        make(tmp_path / "a.npz")
        for read in (arrays.read_arrays, partial(file_hash, follow=False)):
            with pytest.raises((OSError, ValueError), match="not a regular file"):
                read(tmp_path / "a.npz")

    @settings(max_examples=150)
    @given(st.data())
    def test_any_bytes(self, tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
        path = tmp_path_factory.mktemp("npz") / "a.npz"
        arrays.write_arrays(path, {"a": np.arange(6.0).reshape(2, 3), "层": np.array(1)})
        content = bytearray(path.read_bytes())
        for _ in range(data.draw(st.integers(1, 4))):
            content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
        path.write_bytes(
            content[: data.draw(st.integers(0, len(content)))] if data.draw(st.booleans()) else content
        )
        with contextlib.suppress(OSError, ValueError):
            arrays.read_arrays(path)


@pytest.mark.parametrize(
    "descr", ["()", "[]", "None", "('<f4',(-1,))", "{'names':['a'],'formats':['<f4'],'offsets':[-4]}"]
)
def test_a_dtype_that_is_none_is_damage(tmp_path: Path, descr: str) -> None:
    header = f"{{'descr': {descr}, 'fortran_order': False, 'shape': ()}}\n".encode()
    _npz(tmp_path / "a.npz", b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header)
    with pytest.raises(ValueError):
        arrays.read_arrays(tmp_path / "a.npz")
