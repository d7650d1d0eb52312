"""Sets of strings by their hashes."""

from __future__ import annotations

from pathlib import Path

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
