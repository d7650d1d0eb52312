"""Files that are whole or not there."""

from __future__ import annotations

from pathlib import Path

import ml_dtypes
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as numpy_strategies

from nlpx.training import durable

DTYPES = ("float32", "float64", "float16", "int32", "uint32", "bool")


SHAPES = numpy_strategies.array_shapes(min_dims=0, max_side=4)
ARRAYS: st.SearchStrategy[np.ndarray] = st.one_of(
    [numpy_strategies.arrays(np.dtype(name), SHAPES) for name in DTYPES]
)


@settings(max_examples=40)
@given(ARRAYS)
def test_arrays_keep_every_bit(tmp_path_factory: pytest.TempPathFactory, array: np.ndarray) -> None:
    path = tmp_path_factory.mktemp("npz") / "a.npz"
    durable.write_arrays(path, {"model/0000/层": array})
    (name, again), *more = durable.read_arrays(path).items()
    assert not more
    assert name == "model/0000/层"
    assert (again.dtype, again.shape, again.tobytes()) == (array.dtype, array.shape, array.tobytes())


@pytest.mark.parametrize("dtype", [ml_dtypes.bfloat16, ml_dtypes.float8_e4m3fn])
def test_small_floats(tmp_path: Path, dtype: type) -> None:
    array: np.ndarray = np.linspace(-2, 2, 6).reshape(2, 3).astype(dtype)
    durable.write_arrays(tmp_path / "a.npz", {"w": array, "scalar": array[0, 0].reshape(())})
    again = durable.read_arrays(tmp_path / "a.npz")
    assert again["w"].dtype == array.dtype
    assert again["w"].tobytes() == array.tobytes()
    assert again["scalar"].shape == ()


def test_equal_arrays_give_equal_files(tmp_path: Path) -> None:
    for name in "ab":
        durable.write_arrays(tmp_path / name, {"x": np.arange(5), "y": np.ones((2, 2))})
    assert durable.sha256(tmp_path / "a") == durable.sha256(tmp_path / "b")


def test_objects_are_neither_written_nor_read(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="allow_pickle"):
        durable.write_arrays(tmp_path / "a.npz", {"x": np.array([{}], object)})
    np.savez(tmp_path / "evil.npz", x=np.array([{}], object))
    with pytest.raises(ValueError, match="allow_pickle"):
        durable.read_arrays(tmp_path / "evil.npz")


def test_replace_text_leaves_the_old_text_if_it_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "best"
    durable.replace_text(path, "旧\n")

    def full(path: Path, data: bytes) -> None:
        path.write_bytes(data[:1])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(durable, "write_bytes", full)
    with pytest.raises(OSError, match="No space"):
        durable.replace_text(path, "新\n")
    assert path.read_text(encoding="utf-8") == "旧\n"
