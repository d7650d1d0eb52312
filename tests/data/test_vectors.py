"""Files of word vectors in every format give what was written, and say what is wrong with them."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest

from nlpx.data.vectors import read_vectors, width_of
from nlpx.errors import DataError

TOKENS = ["的", "春风", "😀", "a", "\u3000"]
VECTORS = np.random.default_rng(0).normal(size=(5, 3)).astype(np.float32)
ROWS = "".join(
    f"{token} {' '.join(repr(float(number)) for number in vector)}\n"
    for token, vector in zip(TOKENS, VECTORS, strict=True)
)


def binary(end: bytes) -> bytes:
    rows = (t.encode() + b" " + v.tobytes() + end for t, v in zip(TOKENS, VECTORS, strict=True))
    return b"5 3\n" + b"".join(rows)


def npz(path: Path, **arrays: np.ndarray) -> Path:
    with path.open("wb") as file:
        np.savez_compressed(file, allow_pickle=True, **arrays)
    return path


CONTENTS = {
    "header": f"5 3\n{ROWS}".encode(),
    "no_header": ROWS.encode(),
    "trailing_blanks": f"5 3\n{ROWS}".replace("\n", " \n").encode().replace(b"5 3 \n", b"5 3\n", 1),
    "windows": f"\ufeff5 3\n{ROWS}".replace("\n", "\r\n").encode(),
    "gzip": gzip.compress(ROWS.encode()),
    "binary": binary(b""),
    "binary_with_line_ends": binary(b"\n"),
}


@pytest.mark.parametrize("form", [*CONTENTS, "npz"])
def test_every_format(tmp_path: Path, form: str) -> None:
    path = tmp_path / "vectors"
    if form == "npz":
        npz(path, tokens=np.array(TOKENS), vectors=VECTORS.astype(np.float64))
    else:
        path.write_bytes(CONTENTS[form])
    assert width_of(path) == 3
    found = read_vectors(path, {*TOKENS[1:], "missing"})
    assert sorted(found) == sorted(TOKENS[1:])
    for token, vector in zip(TOKENS[1:], VECTORS[1:], strict=True):
        np.testing.assert_array_equal(found[token], vector)


def test_random_binary_rows_are_never_taken_for_text(tmp_path: Path) -> None:
    path = tmp_path / "vectors"
    for seed in range(200):
        vector = np.frombuffer(np.random.default_rng(seed).bytes(8), "<f4")
        path.write_bytes(b"1 2\nx " + vector.tobytes())
        assert width_of(path) == 2
        if np.isfinite(vector).all():
            np.testing.assert_array_equal(read_vectors(path, {"x"})["x"], vector)


def test_a_blank_that_is_a_token_is_no_sign_of_a_binary_file(tmp_path: Path) -> None:
    path = tmp_path / "vectors"
    path.write_text("1 2\n\u3000 1 2\n", encoding="utf-8")
    np.testing.assert_array_equal(read_vectors(path, {"\u3000"})["\u3000"], [1, 2])


def test_the_first_of_equal_tokens_counts(tmp_path: Path) -> None:
    path = tmp_path / "vectors"
    path.write_text("a 1 2\na 3 4\n", encoding="utf-8")
    np.testing.assert_array_equal(read_vectors(path, {"a"})["a"], [1, 2])


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"a 1 2\nb 1\n", r":2: 1 numbers, expected 2"),
        (b"1 2\na 1 x\n", r":2: could not convert"),
        (b"2 3\na 1 2\nb 1 2 3\n", r":2: 2 numbers, expected 3"),
        (b"3 2\na 1 2\nb 1 2\n", r"ends after 2 of 3 vectors"),
        (b"a\t1\t2\n", r":1: no blank between"),
        (b"a 1 nan\n", r"not finite"),
        (b"", r"empty"),
        (b"1 2\n", r"no vectors"),
        (binary(b"")[:-1], r"ends within vector 5 of 5"),
        (b"4 3\n" + binary(b"\n")[4:], r"more than 4 vectors"),
        (b"9 3\n" + binary(b"")[4:], r"damaged, at vector 6 of 9"),
        ("的 1 2\n".encode("gb18030"), r"UTF-8"),
        (b"PK\x03\x04 no archive", r"cannot be read"),
    ],
)
def test_damaged_files(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "vectors"
    path.write_bytes(content)
    with pytest.raises(DataError, match=message):
        width_of(path)
        read_vectors(path, {"a", *TOKENS})


@pytest.mark.parametrize(
    "arrays",
    [
        {"tokens": np.array(TOKENS)},
        {"tokens": np.array(TOKENS), "vectors": VECTORS[:4]},
        {"tokens": np.array(TOKENS, object), "vectors": VECTORS},
        {"tokens": np.array(TOKENS), "vectors": VECTORS[:, 0]},
        {"tokens": np.arange(5), "vectors": VECTORS},
    ],
)
def test_other_arrays(tmp_path: Path, arrays: dict[str, np.ndarray]) -> None:
    with pytest.raises(DataError, match=r"vectors"):
        width_of(npz(tmp_path / "vectors", **arrays))


def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"cannot be read"):
        width_of(tmp_path / "vectors")
