"""Vocabularies."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlpx.errors import DataError
from nlpx.text.vocabulary import UNKNOWN, Vocabulary

VALID = st.characters(exclude_categories=["Cs"])
TOKENS = st.text(VALID, min_size=1, max_size=3)


def test_order_is_by_count_then_code_point() -> None:
    counts = Counter({"乙": 3, "甲": 3, "𠮷": 3, "丙": 9, "a": 2, "b": 1})
    vocabulary = Vocabulary.build(counts, min_count=2)
    assert vocabulary.tokens == (UNKNOWN, "丙", "乙", "甲", "𠮷", "a")
    assert Vocabulary.build(counts, min_count=2, max_size=2).tokens == (UNKNOWN, "丙", "乙")
    assert vocabulary.tokens[0] == UNKNOWN
    assert len(vocabulary) == 6
    assert "甲" in vocabulary
    assert "b" not in vocabulary
    assert UNKNOWN not in vocabulary


def test_counts_are_kept_and_the_unknown_has_the_rest() -> None:
    counts = Counter({"乙": 3, "甲": 5, "丙": 2, "丁": 1})
    assert Vocabulary.build(counts, min_count=2).counts == (1, 5, 3, 2)
    assert Vocabulary.build(counts, max_size=1).counts == (6, 5)
    with pytest.raises(ValueError, match="as many counts"):
        Vocabulary([UNKNOWN, "a"], [1])


def test_more_tokens_follow_those_that_it_has() -> None:
    extended = Vocabulary.build(Counter("aab")).extended(["c", "b", UNKNOWN, "c", "d"])
    assert extended.tokens == (UNKNOWN, "a", "b", "c", "d")
    assert extended.counts == (0, 2, 1, 0, 0)
    assert extended.ids("dxa").tolist() == [4, 0, 1]


def test_the_name_of_the_unknown_is_no_token_of_a_text() -> None:
    vocabulary = Vocabulary.build(Counter({UNKNOWN: 5, "a": 1}))
    assert vocabulary.tokens == (UNKNOWN, "a")
    assert vocabulary.ids([UNKNOWN, "a"]).tolist() == [0, 1]


@given(st.lists(TOKENS, unique=True, max_size=30), st.text(max_size=30), st.lists(TOKENS, max_size=10))
def test_ids_are_positions_and_unknown_is_zero(tokens: list[str], text: str, more: list[str]) -> None:
    vocabulary = Vocabulary.build(Counter(tokens))
    position = {token: i for i, token in enumerate(vocabulary.tokens)} | {UNKNOWN: 0}
    for asked in (text + "".join(tokens), [*tokens, *more]):
        ids = vocabulary.ids(asked)
        assert ids.dtype == np.int32
        assert ids.tolist() == [position.get(token, 0) for token in asked]


def test_a_vocabulary_without_characters() -> None:
    for tokens in ([UNKNOWN], [UNKNOWN, "\n甲"]):
        assert Vocabulary(tokens).ids("甲\U0010ffff\ud800").tolist() == [0, 0, 0]
    assert Vocabulary([UNKNOWN]).ids("").shape == (0,)


@given(st.lists(TOKENS, unique=True, max_size=10))
def test_it_survives_a_file(tmp_path_factory: pytest.TempPathFactory, tokens: list[str]) -> None:
    path = tmp_path_factory.mktemp("v") / "char.json"
    vocabulary = Vocabulary.build(Counter([*tokens, "\n甲", "\u2028", '"']))
    vocabulary.save(path)
    loaded = Vocabulary.load(path)
    assert loaded.tokens == vocabulary.tokens
    assert loaded.sha256 == vocabulary.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert loaded.counts == vocabulary.counts
    assert json.loads(path.read_text(encoding="utf-8"))["tokens"][0] == UNKNOWN


def test_the_hash_tells_order_and_borders_of_tokens_apart() -> None:
    lists = [["a", "b"], ["b", "a"], ["ab"], ["a", "b", "c"]]
    assert len({Vocabulary([UNKNOWN, *tokens]).sha256 for tokens in lists}) == len(lists)


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[",
        "{}",
        "[]",
        '"<unk>"',
        '{"tokens":["<unk>"]}',
        '{"tokens":[],"counts":[]}',
        '{"tokens":["a"],"counts":[1]}',
        '{"tokens":["<unk>","a","a"],"counts":[0,1,1]}',
        '{"tokens":["<unk>",1],"counts":[0,1]}',
        '{"tokens":["<unk>",""],"counts":[0,1]}',
        '{"tokens":["<unk>","a"],"counts":[0]}',
        '{"tokens":["<unk>","a"],"counts":[0,"1"]}',
        '{"tokens":["<unk>","a"],"counts":[0,-1]}',
        '{"tokens":["<unk>","a"],"counts":[0,1e400]}',
        '{"tokens":["<unk>","a"],"counts":[0,true]}',
        '{"tokens":["<unk>","\\ud800"],"counts":[0,1]}',
        '{"tokens":["<unk>",["a"]],"counts":[0,1]}',
        '{"tokens":"<unk>","counts":[0]}',
        '{"tokens":["<unk>"],"counts":[' + "9" * 5000 + "]}",
        "[" * 100_000,
    ],
)
def test_a_wrong_file_is_named(tmp_path: Path, content: str) -> None:
    path = tmp_path / "char.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(DataError, match=r"char\.json: not a vocabulary") as caught:
        Vocabulary.load(path)
    assert caught.value.exit_code == 3


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"none\.json"):
        Vocabulary.load(tmp_path / "none.json")
