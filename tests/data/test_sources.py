"""Readers of corpora."""

from __future__ import annotations

import gzip
import hashlib
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

import nlpx.data.sources.builtin
from nlpx.data.rows import BadRow, Pair, Row, Sentence, Verse
from nlpx.data.sources.base import Source
from nlpx.data.sources.builtin import BuiltinSource
from nlpx.data.sources.pairs import PairsSource
from nlpx.data.sources.segmented_text import SegmentedTextSource
from nlpx.errors import ConfigError, DataError, UsageError


def write(path: Path, text: str) -> str:
    path.write_bytes(text.encode())
    return path.name


def texts(source: Source, split: str) -> list[tuple[str, ...]]:
    return [row.texts for row in source.rows(split) if not isinstance(row, BadRow)]


# Pairs


def test_a_tsv_file(tmp_path: Path) -> None:
    name = write(tmp_path / "a.tsv", "\ufeff甲\t乙\r\n 丙 丁 \t\u3000戊己庚\n辛\t壬")
    rows = list(PairsSource(name, root=tmp_path).rows("train"))
    path = tmp_path / "a.tsv"
    expected = [
        Pair(f"{path}:1", "甲", "乙"),
        Pair(f"{path}:2", "丙 丁", "戊己庚"),
        Pair(f"{path}:3", "辛", "壬"),
    ]
    assert rows == expected


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("甲乙", "0 tabs; expected one, between the two texts"),
        ("甲\t乙\t丙", "2 tabs; expected one, between the two texts"),
        ("甲\t", "the second text is empty"),
        ("\u3000\t乙", "the first text is empty"),
        ("\t", "the first text is empty"),
        ("甲 乙 丙\t丁 戊 己", "blanks between all characters; set data.source.blanks: true to drop them"),
    ],
)
def test_bad_rows(tmp_path: Path, line: str, reason: str) -> None:
    name = write(tmp_path / "a.tsv", f"好\t好\n{line}\n好\t好\n")
    rows = list(PairsSource(name, root=tmp_path).rows("train"))
    assert rows[1] == BadRow(f"{tmp_path / 'a.tsv'}:2", reason)
    assert str(rows[1]) == f"{tmp_path / 'a.tsv'}:2: {reason}"
    assert [type(row) for row in rows] == [Pair, BadRow, Pair]


def test_parallel_files_with_blanks(tmp_path: Path) -> None:
    files = [write(tmp_path / "in", "晚 风 摇\n一 江\n"), write(tmp_path / "out", "晨 露 润 \r\n\n")]
    rows = list(PairsSource(files, blanks=True, root=tmp_path).rows("train"))
    assert rows == [
        Pair(f"{tmp_path / 'in'}:1", "晚风摇", "晨露润"),
        BadRow(f"{tmp_path / 'in'}:2", "the second text is empty"),
    ]


@pytest.mark.parametrize(("first", "second"), [(3, 5), (5, 3), (1, 2)])
def test_parallel_files_of_different_lengths(tmp_path: Path, first: int, second: int) -> None:
    files = [write(tmp_path / "in", "甲\n" * first), write(tmp_path / "out", "乙\n" * second)]
    longer = "in" if first > second else "out"
    with pytest.raises(DataError) as caught:
        list(PairsSource(files, root=tmp_path).rows("train"))
    assert caught.value.exit_code == 3
    assert f"{tmp_path / longer}: {max(first, second)} lines" in str(caught.value)
    assert f"has {min(first, second)}. Parallel files" in str(caught.value)


def test_a_missing_split(tmp_path: Path) -> None:
    source = PairsSource(write(tmp_path / "a.tsv", "甲\t乙\n"), root=tmp_path)
    assert source.splits() == ("train",)
    for ask in (source.rows, source.fingerprint):
        with pytest.raises(UsageError, match="no split 'valid' in this source; it has train"):
            ask("valid")


def test_absolute_paths_and_compressed_files(tmp_path: Path) -> None:
    path = tmp_path / "a.tsv.gz"
    path.write_bytes(gzip.compress("甲\t乙\n".encode()))
    source = PairsSource("none.tsv", valid=str(path), root=tmp_path / "elsewhere")
    assert texts(source, "valid") == [("甲", "乙")]
    with pytest.raises(
        DataError, match=r"elsewhere.none\.tsv: there is no such file.*data\.root.*\$NLPX_DATA"
    ):
        texts(source, "train")


def test_fingerprints_follow_the_bytes_and_settings_the_options(tmp_path: Path) -> None:
    a = write(tmp_path / "a", "甲\t乙\n")
    b = write(tmp_path / "b", "甲\t丙\n")
    source = PairsSource(a, test=b, root=tmp_path)
    assert source.fingerprint("train") == hashlib.sha256((tmp_path / a).read_bytes()).hexdigest()
    assert source.fingerprint("train") != source.fingerprint("test")
    assert PairsSource([a, b], root=tmp_path).fingerprint("train") != PairsSource(
        [b, a], root=tmp_path
    ).fingerprint("train")
    settings = {
        source.settings(),
        PairsSource(a, blanks=True, root=tmp_path).settings(),
        PairsSource(a, holdout=1, root=tmp_path).settings(),
        SegmentedTextSource(a, root=tmp_path).settings(),
    }
    assert len(settings) == 4


# Rows held out


@given(
    lines=st.lists(st.text("甲乙丙丁", min_size=1, max_size=3), min_size=2, max_size=40),
    data=st.data(),
)
def test_holdout(tmp_path_factory: pytest.TempPathFactory, lines: list[str], data: st.DataObject) -> None:
    holdout = data.draw(st.integers(1, len(lines) - 1))
    folder = tmp_path_factory.mktemp("holdout")
    name = write(folder / "a.tsv", "".join(f"{line}\t{line}\n" for line in lines))
    source = PairsSource(name, holdout=holdout, root=folder)
    assert source.splits() == ("train", "valid")
    train, valid = list(source.rows("train")), list(source.rows("valid"))
    assert len(valid) == holdout
    assert train == list(source.rows("train"))  # a second reading
    assert valid == list(PairsSource(name, holdout=holdout, root=folder).rows("valid"))

    def number(row: Row | BadRow) -> int:
        return int(row.where.rpartition(":")[2])

    assert sorted(map(number, [*train, *valid])) == list(range(1, len(lines) + 1))
    assert [*map(number, train)] == sorted(map(number, train))
    assert [*map(number, valid)] == sorted(map(number, valid))
    # The order of the file does not matter, and equal rows stay together but for one of them.
    shuffled = data.draw(st.permutations(lines))
    other = write(folder / "b.tsv", "".join(f"{line}\t{line}\n" for line in shuffled))
    assert sorted(texts(PairsSource(other, holdout=holdout, root=folder), "valid")) == sorted(
        texts(source, "valid")
    )
    assert len(set(texts(source, "train")) & set(texts(source, "valid"))) <= 1


def test_bad_rows_are_never_held_out(tmp_path: Path) -> None:
    name = write(tmp_path / "a.tsv", "".join(f"{i}\t{i}\nbad\n" for i in range(5)))
    source = PairsSource(name, holdout=4, root=tmp_path)
    assert all(isinstance(row, Pair) for row in source.rows("valid"))
    assert sum(isinstance(row, BadRow) for row in source.rows("train")) == 5


def test_a_file_for_valid_makes_holdout_idle(tmp_path: Path) -> None:
    a, b = write(tmp_path / "a", "甲\t乙\n"), write(tmp_path / "b", "丙\t丁\n")
    source = PairsSource(a, valid=b, holdout=1, root=tmp_path)
    assert texts(source, "valid") == [("丙", "丁")]
    assert texts(source, "train") == [("甲", "乙")]


def test_holdout_must_leave_something(tmp_path: Path) -> None:
    name = write(tmp_path / "a.tsv", "甲\t乙\n丙\t丁\n")
    with pytest.raises(DataError, match=r"holdout takes 2 of 2 rows and leaves none"):
        list(PairsSource(name, holdout=2, root=tmp_path).rows("train"))


# Segmented text


def test_words_stand_between_blanks(tmp_path: Path) -> None:
    text = "\ufeff迈向  充满\t希望\u3000的 \r\n\n \u3000\r\n新\u00a0世纪\u2028 ——\n"
    rows = list(SegmentedTextSource(write(tmp_path / "a", text), root=tmp_path).rows("train"))
    assert rows == [
        Sentence(f"{tmp_path / 'a'}:1", ("迈向", "充满", "希望", "的")),
        Sentence(f"{tmp_path / 'a'}:4", ("新\u00a0世纪\u2028", "——")),
    ]
    assert isinstance(rows[0], Sentence)
    assert rows[0].text == "迈向充满希望的"


@given(st.lists(st.lists(st.text("甲乙，a", min_size=1, max_size=3), min_size=1, max_size=5), min_size=1))
def test_any_sentences_come_back(tmp_path_factory: pytest.TempPathFactory, words: list[list[str]]) -> None:
    folder = tmp_path_factory.mktemp("segmented")
    name = write(folder / "a", "\n".join("  ".join(sentence) for sentence in words))
    rows = SegmentedTextSource(name, root=folder).rows("train")
    assert [list(row.words) for row in rows if isinstance(row, Sentence)] == words


# The embedded samples


def sample(kind: str, *rows: tuple[str, ...]) -> SimpleNamespace:
    made = [SimpleNamespace(group="written", parts=parts) for parts in rows]
    return SimpleNamespace(kind=kind, rows=lambda split: iter(made if split == "test" else made[:1]))


def test_samples(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    samples = {
        "couplet": sample("pairs", ("甲", "乙"), ("丙", "丁")),
        "segmentation": sample("segmented", ("今天", "好")),
        "poem": sample("verses", ("春风",)),
    }
    monkeypatch.setattr(nlpx.data.sources.builtin, "SAMPLES", samples)
    couplet = BuiltinSource(root=tmp_path, task="couplet")
    assert couplet.splits() == ("train", "valid", "test")
    assert list(couplet.rows("test")) == [
        Pair("builtin couplet test:1", "甲", "乙", "written"),
        Pair("builtin couplet test:2", "丙", "丁", "written"),
    ]
    assert couplet.fingerprint("test") != couplet.fingerprint("train") == couplet.fingerprint("valid")
    named = BuiltinSource("segmentation", root=tmp_path, task="couplet")
    assert list(named.rows("train")) == [Sentence("builtin segmentation train:1", ("今天", "好"), "written")]
    verses = BuiltinSource("poem", root=tmp_path, task="couplet")
    assert list(verses.rows("train")) == [Verse("builtin poem train:1", "春风", "written")]
    with pytest.raises(UsageError, match="no split 'dev'"):
        couplet.rows("dev")
    with pytest.raises(ConfigError, match=r"data\.source\.name: .*'fable'.*couplet, segmentation"):
        BuiltinSource("fable", root=tmp_path, task="couplet")
