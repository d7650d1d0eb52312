"""Sets of strings by their hashes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import nlpx.data.keys
from nlpx.data.keys import KeySet, KeyWriter

TEXTS = st.lists(st.text(max_size=4), max_size=50)


@given(TEXTS, TEXTS)
def test_it_is_a_set(texts: list[str], others: list[str]) -> None:
    keys = KeySet.of(texts)
    assert len(keys) == len(set(texts))
    assert all(text in keys for text in texts)
    assert [text in keys for text in others] == [text in set(texts) for text in others]


@given(TEXTS, TEXTS, st.integers(1, 60))
def test_a_written_set_is_the_same(
    tmp_path_factory: pytest.TempPathFactory, texts: list[str], others: list[str], at_once: int
) -> None:
    path = tmp_path_factory.mktemp("keys") / "keys"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(nlpx.data.keys, "AT_ONCE", at_once)
        writer = KeyWriter(path)
        for text in texts:
            writer.add(text)
        keys = writer.finish()
    assert len(keys) == len(set(texts))
    assert all(text in keys for text in texts)
    assert [text in keys for text in others] == [text in set(texts) for text in others]
    assert [file.name for file in path.parent.iterdir()] == ["keys"]


def test_what_is_no_string_is_not_in_it(tmp_path: Path) -> None:
    assert 1 not in KeySet.of(["1"])
    assert "" not in KeyWriter(tmp_path / "keys").finish()


@pytest.mark.parametrize("content", [b"1234567", b"2" * 8 + b"1" * 8, b"1" * 16])
def test_a_file_that_is_none(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "keys").write_bytes(content)
    with pytest.raises(ValueError, match=r"multiple of 8|not sorted"):
        KeySet.load(tmp_path / "keys")


def test_order_is_checked_across_the_parts_that_are_read_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(nlpx.data.keys, "CHECKED_AT_ONCE", 2)
    numbers = np.arange(5, dtype=np.uint64)
    for place in range(4):
        swapped = numbers.copy()
        swapped[[place, place + 1]] = swapped[[place + 1, place]]
        swapped.tofile(tmp_path / "keys")
        with pytest.raises(ValueError, match="not sorted"):
            KeySet.load(tmp_path / "keys")
    numbers.tofile(tmp_path / "keys")
    assert len(KeySet.load(tmp_path / "keys")) == 5
