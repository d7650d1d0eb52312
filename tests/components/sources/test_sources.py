"""Readers of corpora."""

from __future__ import annotations

import gzip
import hashlib
from itertools import islice
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from nlpx.components.sources.base import Source
from nlpx.components.sources.builtin import Builtin
from nlpx.components.sources.folders import Folders
from nlpx.components.sources.pairs import Pairs
from nlpx.components.sources.segmented_text import SegmentedText
from nlpx.core.component import builtin_registry
from nlpx.data.records import BadRow, Pair, Record, Sentence
from nlpx.data.samples import names
from nlpx.errors import ConfigError, DataError, UsageError
from nlpx.specs.experiment import Experiment


def write(path: Path, text: str) -> str:
    path.write_bytes(text.encode())
    return path.name


def texts(source: Source, split: str) -> list[tuple[str, ...]]:
    return [row.texts for row in source.rows(split) if not isinstance(row, BadRow)]


# Pairs


def test_a_tsv_file(tmp_path: Path) -> None:
    name = write(tmp_path / "a.tsv", "\ufeff甲\t乙\r\n 丙 丁 \t\u3000戊己庚\n辛\t壬")
    rows = list(Pairs(train=name).open(tmp_path).rows("train"))
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
    rows = list(Pairs(train=name).open(tmp_path).rows("train"))
    assert rows[1] == BadRow(f"{tmp_path / 'a.tsv'}:2", reason)
    assert str(rows[1]) == f"{tmp_path / 'a.tsv'}:2: {reason}"
    assert [type(row) for row in rows] == [Pair, BadRow, Pair]


def test_parallel_files_with_blanks(tmp_path: Path) -> None:
    files = [write(tmp_path / "in", "晚 风 摇\n一 江\n"), write(tmp_path / "out", "晨 露 润 \r\n\n")]
    rows = list(Pairs(train=files, blanks=True).open(tmp_path).rows("train"))
    assert rows == [
        Pair(f"{tmp_path / 'in'}:1", "晚风摇", "晨露润"),
        BadRow(f"{tmp_path / 'in'}:2", "the second text is empty"),
    ]


@pytest.mark.parametrize(("first", "second"), [(3, 5), (5, 3), (1, 2)])
def test_parallel_files_of_different_lengths(tmp_path: Path, first: int, second: int) -> None:
    files = [write(tmp_path / "in", "甲\n" * first), write(tmp_path / "out", "乙\n" * second)]
    longer = "in" if first > second else "out"
    with pytest.raises(DataError) as caught:
        list(Pairs(train=files).open(tmp_path).rows("train"))
    assert caught.value.exit_code == 3
    assert f"{tmp_path / longer}: {max(first, second)} lines" in str(caught.value)
    assert f"has {min(first, second)}. Parallel files" in str(caught.value)


def test_a_missing_split(tmp_path: Path) -> None:
    source = Pairs(train=write(tmp_path / "a.tsv", "甲\t乙\n")).open(tmp_path)
    assert source.splits() == ("train",)
    for ask in (source.rows, source.fingerprint):
        with pytest.raises(UsageError, match="no split 'valid' in this source; it has train"):
            ask("valid")


def test_absolute_paths_and_compressed_files(tmp_path: Path) -> None:
    path = tmp_path / "a.tsv.gz"
    path.write_bytes(gzip.compress("甲\t乙\n".encode()))
    source = Pairs(train="none.tsv", valid=str(path)).open(tmp_path / "elsewhere")
    assert texts(source, "valid") == [("甲", "乙")]
    with pytest.raises(
        DataError, match=r"elsewhere.none\.tsv: there is no such file.*data\.root.*\$NLPX_DATA"
    ):
        texts(source, "train")


def test_fingerprints_follow_the_bytes_and_keys_the_options(tmp_path: Path) -> None:
    a = write(tmp_path / "a", "甲\t乙\n")
    b = write(tmp_path / "b", "甲\t丙\n")
    source = Pairs(train=a, test=b).open(tmp_path)
    assert source.fingerprint("train") == hashlib.sha256((tmp_path / a).read_bytes()).hexdigest()
    assert source.fingerprint("train") != source.fingerprint("test")
    assert Pairs(train=[a, b]).open(tmp_path).fingerprint("train") != Pairs(train=[b, a]).open(
        tmp_path
    ).fingerprint("train")
    others = [
        Pairs(train=a, blanks=True),
        Pairs(train=a, holdout=1),
        SegmentedText(train=a),
    ]
    assert len({repr(other.cache_key()) for other in (source, *others)}) == 4
    assert source.cache_key() == Pairs(train=b, valid=a).cache_key()


# Rows held out


@given(
    lines=st.lists(st.text("甲乙丙丁", min_size=1, max_size=3), min_size=2, max_size=40),
    data=st.data(),
)
def test_holdout(tmp_path_factory: pytest.TempPathFactory, lines: list[str], data: st.DataObject) -> None:
    holdout = data.draw(st.integers(1, len(lines) - 1))
    folder = tmp_path_factory.mktemp("holdout")
    name = write(folder / "a.tsv", "".join(f"{line}\t{line}\n" for line in lines))
    source = Pairs(train=name, holdout=holdout).open(folder)
    assert source.splits() == ("train", "valid")
    train, valid = list(source.rows("train")), list(source.rows("valid"))
    assert len(valid) == holdout
    assert train == list(source.rows("train"))  # a second reading
    assert valid == list(Pairs(train=name, holdout=holdout).open(folder).rows("valid"))

    def number(row: Record | BadRow) -> int:
        return int(row.where.rpartition(":")[2])

    assert sorted(map(number, [*train, *valid])) == list(range(1, len(lines) + 1))
    assert [*map(number, train)] == sorted(map(number, train))
    assert [*map(number, valid)] == sorted(map(number, valid))
    # The order of the file does not matter, and equal rows stay together but for one of them.
    shuffled = data.draw(st.permutations(lines))
    other = write(folder / "b.tsv", "".join(f"{line}\t{line}\n" for line in shuffled))
    assert sorted(texts(Pairs(train=other, holdout=holdout).open(folder), "valid")) == sorted(
        texts(source, "valid")
    )
    assert len(set(texts(source, "train")) & set(texts(source, "valid"))) <= 1


def test_bad_rows_are_never_held_out(tmp_path: Path) -> None:
    name = write(tmp_path / "a.tsv", "".join(f"{i}\t{i}\nbad\n" for i in range(5)))
    source = Pairs(train=name, holdout=4).open(tmp_path)
    assert all(isinstance(row, Pair) for row in source.rows("valid"))
    assert sum(isinstance(row, BadRow) for row in source.rows("train")) == 5


def test_a_file_for_valid_makes_holdout_idle(tmp_path: Path) -> None:
    a, b = write(tmp_path / "a", "甲\t乙\n"), write(tmp_path / "b", "丙\t丁\n")
    source = Pairs(train=a, valid=b, holdout=1).open(tmp_path)
    assert texts(source, "valid") == [("丙", "丁")]
    assert texts(source, "train") == [("甲", "乙")]


def test_holdout_must_leave_something(tmp_path: Path) -> None:
    name = write(tmp_path / "a.tsv", "甲\t乙\n丙\t丁\n")
    with pytest.raises(DataError, match=r"holdout takes 2 of 2 rows and leaves none"):
        list(Pairs(train=name, holdout=2).open(tmp_path).rows("train"))


# Segmented text


def test_words_stand_between_blanks(tmp_path: Path) -> None:
    text = "\ufeff迈向  充满\t希望\u3000的 \r\n\n \u3000\r\n新\u00a0世纪\u2028 ——\n"
    rows = list(SegmentedText(train=write(tmp_path / "a", text)).open(tmp_path).rows("train"))
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
    rows = SegmentedText(train=name).open(folder).rows("train")
    assert [list(row.words) for row in rows if isinstance(row, Sentence)] == words


# The embedded samples


@pytest.mark.parametrize("name", names())
def test_samples(tmp_path: Path, name: str) -> None:
    source = Builtin(name=name).open(tmp_path, "couplet")
    assert source.splits() == ("train", "valid", "test")
    rows = [row for row in source.rows("test") if not isinstance(row, BadRow)]
    assert [row.where for row in rows] == [f"builtin {name} test:{i}" for i in range(1, len(rows) + 1)]
    assert {row.group for row in rows} in ({"generated", "written"}, {"generated", "harder"}, {""})
    published = name == "competition"  # six rows, which are all that there are
    assert len({source.fingerprint(split) for split in source.splits()}) == (1 if published else 3)
    assert list(rows[:3]) == list(islice(source.rows("test"), 3))
    with pytest.raises(UsageError, match="no split 'dev'"):
        source.rows("dev")


def test_the_sample_of_the_task(tmp_path: Path) -> None:
    assert isinstance(next(Builtin().open(tmp_path, "segmentation").rows("train")), Sentence)
    with pytest.raises(ConfigError, match=r"data\.source\.name: .*'fable'.*couplet, digits, dogs"):
        Builtin().open(tmp_path, "fable")
    with pytest.raises(ValidationError, match="'couplet'"):
        Builtin(name="fable")
    assert "couplet" in str(Builtin.model_json_schema()["properties"]["name"])


def test_a_reader_is_fresh_and_leaves_the_options_as_they_are(tmp_path: Path) -> None:
    write(tmp_path / "a.tsv", "甲\t乙\n\n丙\t丁\n")
    options = Pairs(train="a.tsv", holdout=1)
    one = options.open(tmp_path)
    assert len(list(one.rows("train"))) == 1
    assert one.blank_lines() == {str(tmp_path / "a.tsv"): 1}
    assert (
        options.open(tmp_path).blank_lines()
        == options.blank_lines()
        == one.open(tmp_path).blank_lines()
        == {}
    )
    assert options == Pairs(train="a.tsv", holdout=1)


@pytest.mark.parametrize(
    ("source", "splits"),
    [
        (Builtin(), ("train", "valid", "test")),
        (Pairs(train="a"), ("train",)),
        (Pairs(train=["a", "b"], holdout=5), ("train", "valid")),
        (SegmentedText(train="a", valid="b", test="c"), ("train", "valid", "test")),
    ],
)
def test_splits(source: Source, splits: tuple[str, ...]) -> None:
    assert source.splits() == splits


def test_files() -> None:
    assert Pairs(train=["a", "b"], test="c").files() == {"train": ["a", "b"], "test": ["c"]}
    assert Folders(train="a", pseudo="b").files() == {"train": ["a"], "pseudo": ["b"]}
    assert Builtin().files() == {}


def test_records_of_samples() -> None:
    tasks = {c.name: c.component for c in builtin_registry() if issubclass(c.component, Experiment)}
    for task in tasks.values():
        assert Builtin(name=task.sample).record_kind == task.row
    assert Builtin().record_kind == ""
