"""`nlpx data groups`."""

from __future__ import annotations

import errno
import gzip
import os
from pathlib import Path

import pytest

from nlpx.components.sources.groups import Groups
from nlpx.data.records import Question
from tests.cli.program import Nlpx, nlpx

__all__ = ["nlpx"]


def test_files_that_the_source_reads(nlpx: Nlpx, tmp_path: Path) -> None:
    first, second = tmp_path / "a.tsv", tmp_path / "b.tsv.gz"
    chain = "".join(f"长{i}\t长{i + 1}\t1\n" for i in range(60))
    first.write_text("甲\t乙\t1\n丙\t丁\t1\n甲\t戊\t0\n" + chain, encoding="utf-8")
    second.write_bytes(gzip.compress("乙\t己\t1\n甲\t己\t0\n".encode()))
    done = nlpx("data", "groups", first, second, "--output", tmp_path / "made", "--valid", "0")
    assert done.code == 0
    assert "groups_train.tsv: 3 groups, 66 sentences" in done.out
    assert "1 sentence has no paraphrase and is left out" in done.out
    assert "1 negative pair is within a group" in done.out
    assert "1 group has more than 50 sentences\n  61: 长0  …  长60" in done.out
    rows = list(Groups(train="groups_train.tsv").open(tmp_path / "made").rows("train"))
    found = [(row.group_id, row.text) for row in rows if isinstance(row, Question)]
    assert found[:5] == [("0", "甲"), ("0", "乙"), ("0", "己"), ("1", "丙"), ("1", "丁")]
    assert len(found) == len(rows) == 66


@pytest.mark.parametrize(
    ("content", "code", "expected"),
    [
        ("甲\t乙\n", 3, "pairs.tsv:1: "),
        ("甲\t乙\t1\n甲\t乙\t2\n", 3, "pairs.tsv:2: "),
        ("甲\t\t1\n", 3, "not a labelled pair"),
        ("甲\t乙\t0\n", 3, "no pair has the label 1"),
        ("", 3, "the file is empty"),
    ],
)
def test_what_is_not_labelled_pairs(
    nlpx: Nlpx, tmp_path: Path, content: str, code: int, expected: str
) -> None:
    (tmp_path / "pairs.tsv").write_text(content, encoding="utf-8")
    done = nlpx("data", "groups", tmp_path / "pairs.tsv", "--output", tmp_path / "made")
    assert (done.code, expected in " ".join(done.err.split())) == (code, True), done.err
    assert not (tmp_path / "made").exists()


def test_another_character_set(nlpx: Nlpx, tmp_path: Path) -> None:
    (tmp_path / "pairs.tsv").write_text("明月松间照\t清泉石上流\t1\n", encoding="gb18030")
    asked = ("data", "groups", tmp_path / "pairs.tsv", "--output", tmp_path / "made", "--valid", "0")
    done = nlpx(*asked)
    assert (done.code, "give --encoding gb18030, or convert" in done.err) == (3, True), done.err
    assert nlpx(*asked, "--encoding", "gb18030").code == 0
    assert "明月松间照" in (tmp_path / "made" / "groups_train.tsv").read_text(encoding="utf-8")


def test_a_folder_that_cannot_be_made(nlpx: Nlpx, tmp_path: Path) -> None:
    (tmp_path / "pairs.tsv").write_text("甲\t乙\t1\n", encoding="utf-8")
    (tmp_path / "file").write_text("")
    done = nlpx("data", "groups", tmp_path / "pairs.tsv", "--output", tmp_path / "file" / "sub")
    assert (done.code, "--output" in done.err) == (4, True)


HEADED = "id\ttext_a\ttext_b\tlabel\n7\t甲\t乙\t1\n\n8\t丙\t丁\t0\n"


@pytest.mark.parametrize(
    "options",
    [
        ["--header", "--columns", "2,3,4"],
        ["--columns", "text_a,text_b,label"],
        ["--columns", "text_b, 2, label"],
    ],
)
def test_a_header_and_other_columns(nlpx: Nlpx, tmp_path: Path, options: list[str]) -> None:
    for name in ("a.tsv", "b.tsv"):
        (tmp_path / name).write_text(HEADED, encoding="utf-8")
    done = nlpx(
        "data",
        "groups",
        tmp_path / "a.tsv",
        tmp_path / "b.tsv",
        "--output",
        tmp_path / "made",
        "--valid",
        "0",
        *options,
    )
    assert done.code == 0, done.err
    assert "groups_train.tsv: 1 group, 2 sentences" in done.out
    lines = (tmp_path / "made" / "groups_train.tsv").read_text(encoding="utf-8").splitlines()
    assert sorted(lines) == ["0\t乙", "0\t甲"]


@pytest.mark.parametrize(
    ("options", "code", "expected"),
    [
        ([], 3, "pairs.tsv:1: 'id\\ttext_a\\ttext_b\\tlabel' is not a labelled pair"),
        ([], 3, "looks like 4 columns separated by tabs"),
        ([], 3, "choose columns: `cut -f 2,3,4 "),
        ([], 3, "--columns text_a,text_b,label."),
        (["--header"], 3, "pairs.tsv:2: "),
        (["--header", "--columns", "2,3,5"], 3, "in the columns 2, 3, 5"),
        (["--header", "--columns", "2,3,5"], 3, "is not a labelled pair: it has 4 columns"),
        (["--columns", "2,3,4"], 3, "give --header"),
        (
            ["--columns", "text_a,text_c,label"],
            3,
            "pairs.tsv:1: no column is called 'text_c'; the header has 'id', ",
        ),
        (["--columns", "1,2"], 2, "three different columns"),
        (["--columns", "1,1,2"], 2, "three different columns"),
        (["--columns", "0,1,2"], 2, "three different columns"),
    ],
)
def test_columns_that_are_not_there(
    nlpx: Nlpx, tmp_path: Path, options: list[str], code: int, expected: str
) -> None:
    (tmp_path / "pairs.tsv").write_text(HEADED, encoding="utf-8")
    done = nlpx("data", "groups", tmp_path / "pairs.tsv", "--output", tmp_path / "made", *options)
    assert (done.code, expected in done.err) == (code, True), done.err
    assert not (tmp_path / "made").exists()


def test_a_column_that_two_headings_name(nlpx: Nlpx, tmp_path: Path) -> None:
    (tmp_path / "pairs.tsv").write_text("a\ta\tlabel\n甲\t乙\t1\n", encoding="utf-8")
    done = nlpx(
        "data", "groups", tmp_path / "pairs.tsv", "--output", tmp_path / "made", "--columns", "a,2,label"
    )
    assert (done.code, "several columns are called 'a'" in done.err) == (3, True)


def test_pairs_are_never_written_over(nlpx: Nlpx, tmp_path: Path) -> None:
    pairs = tmp_path / "groups_train.tsv"
    pairs.write_text("甲\t乙\t1\n", encoding="utf-8")
    (tmp_path / "link.tsv").symlink_to(pairs)
    for given in (pairs, tmp_path / "link.tsv"):
        done = nlpx("data", "groups", given, "--output", tmp_path)
        assert (done.code, "--output" in done.err) == (2, True)
        assert pairs.read_text(encoding="utf-8") == "甲\t乙\t1\n"


def test_what_was_made_before_stays_whole_when_writing_fails(
    nlpx: Nlpx, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "pairs.tsv").write_text("甲\t乙\t1\n", encoding="utf-8")
    arguments = "data", "groups", tmp_path / "pairs.tsv", "--output", tmp_path / "made", "--valid", "0"
    assert nlpx(*arguments).code == 0
    before = (tmp_path / "made" / "groups_train.tsv").read_bytes()
    (tmp_path / "pairs.tsv").write_text("丙\t丁\t1\n", encoding="utf-8")

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    done = nlpx(*arguments)
    assert (done.code, "No space left on device" in done.err) == (4, True)
    assert [path.name for path in (tmp_path / "made").iterdir()] == ["groups_train.tsv"]
    assert (tmp_path / "made" / "groups_train.tsv").read_bytes() == before


def test_what_is_advised_for_ids_makes_groups_of_sentences(nlpx: Nlpx, tmp_path: Path) -> None:
    pairs = tmp_path / "pairs.tsv"
    pairs.write_text("".join(f"{i}\t甲{i}\t乙{i}\t1\t好\n" for i in range(9)), encoding="utf-8")
    done = nlpx("data", "groups", pairs, "--output", tmp_path / "made")
    assert (done.code, "--columns A,B,LABEL, each the number" in done.err) == (3, True), done.err
    assert "cut -f 2,3,4 " in done.err


@pytest.mark.parametrize("options", [[], ["--columns", "2,3,4"], ["--columns", "text_a,text_b,label"]])
def test_a_file_without_tabs_is_recognised_whatever_columns_are_asked_for(
    nlpx: Nlpx, tmp_path: Path, options: list[str]
) -> None:
    rows = "".join(f"{i},甲{i},乙{i},1\n" for i in range(9))
    (tmp_path / "pairs.txt").write_text(f"id,text_a,text_b,label\n{rows}", encoding="utf-8")
    done = nlpx("data", "groups", tmp_path / "pairs.txt", "--output", tmp_path / "made", *options)
    assert (done.code, "looks like CSV: 4 columns separated by commas" in done.err) == (3, True), done.err
    assert "for at in [1, 2, 3])" in done.err


OBJECTS = '{"a": "甲", "b": "乙", "same": 1}\n\n{"a": "丙", "b": "丁, 戊", "same": true}\n{"a": "甲", "b": "己", "same": 0}\n'
TABLE = 'id,text_a,text_b,label\r\n1,甲,乙,1\r\n,,,\r\n2,丙,"丁, 戊",1\r\n3,甲,己,0\r\n'
NAMED = ["--columns", "text_a,text_b,label"]


@pytest.mark.parametrize(
    ("name", "content", "options"),
    [
        ("a.csv", TABLE.encode("utf-8-sig"), NAMED),
        ("a.csv", TABLE.encode("gb18030"), [*NAMED, "--encoding", "gb18030"]),
        ("a.csv", TABLE.encode(), ["--header", "--columns", "2,3,4"]),
        ("a.jsonl", OBJECTS.encode(), ["--columns", "a,b,same"]),
        (
            "a.jsonl.gz",
            gzip.compress(OBJECTS.replace("same", "label").encode(), mtime=0),
            ["--columns", "a,b,label"],
        ),
    ],
)
def test_tables_and_json_lines(
    nlpx: Nlpx, tmp_path: Path, name: str, content: bytes, options: list[str]
) -> None:
    (tmp_path / name).write_bytes(content)
    done = nlpx("data", "groups", tmp_path / name, "--output", tmp_path / "made", "--valid", "0", *options)
    assert done.code == 0, done.err
    made = (tmp_path / "made" / "groups_train.tsv").read_text(encoding="utf-8")
    assert made == "0\t甲\n0\t乙\n1\t丙\n1\t丁, 戊\n"


@pytest.mark.parametrize(
    ("name", "content", "options", "expected"),
    [
        ("a.csv", TABLE, [], "a.csv:1: 'id,text_a,text_b,label' is not a labelled pair: it has 4 columns"),
        ("a.csv", TABLE, [], "--columns text_a,text_b,label."),
        ("a.csv", TABLE, ["--columns", "2,3,4"], "give --header"),
        (
            "a.csv",
            TABLE,
            ["--columns", "a,text_b,label"],
            "no column is called 'a'; the header has 'id', 'text_a'",
        ),
        ("a.csv", 'a,"b,1\n', [], "a.csv:1: a quote that opens in this row is not closed. Close it"),
        (
            "a.jsonl",
            OBJECTS,
            [],
            "a.jsonl:1: the field first is missing; expected a text. It has a, b, same.",
        ),
        ("a.jsonl", OBJECTS, ["--columns", "2,3,4"], "JSON lines have no numbered columns"),
        ("a.jsonl", OBJECTS.replace("1", "2"), ["--columns", "a,b,same"], "a.jsonl:1: the label is '2'."),
        ("a.jsonl", '{"first": "", "second": "b", "label": 1}', [], "a.jsonl:1: a sentence is empty."),
        ("a.jsonl", "甲", [], "a.jsonl:1: "),
    ],
)
def test_what_is_wrong_with_tables_and_json_lines(
    nlpx: Nlpx, tmp_path: Path, name: str, content: str, options: list[str], expected: str
) -> None:
    (tmp_path / name).write_text(content, encoding="utf-8")
    done = nlpx("data", "groups", tmp_path / name, "--output", tmp_path / "made", *options)
    assert (done.code, expected in " ".join(done.err.split())) == (3, True), done.err


def test_a_side_without_groups_is_warned_about(nlpx: Nlpx, tmp_path: Path) -> None:
    (tmp_path / "pairs.tsv").write_text("甲\t乙\t1\n", encoding="utf-8")
    arguments = "data", "groups", tmp_path / "pairs.tsv", "--output", tmp_path / "made", "--valid"
    done = nlpx(*arguments, "0.0001")
    assert (done.code, "warning: " in done.err) == (0, True)
    assert f"{tmp_path / 'made' / 'groups_valid.tsv'}: none of 1 groups is in valid" in done.err
    done = nlpx(*arguments, "0.9999")
    assert "groups_train.tsv: none of 1 groups is in train, so the existing file is not changed" in done.err
    assert nlpx(*arguments, "0").err == ""


def test_a_file_of_pairs_that_is_not_there(nlpx: Nlpx, tmp_path: Path) -> None:
    done = nlpx("data", "groups", tmp_path / "no.tsv", "--output", tmp_path / "made")
    assert (done.code, "data.root" in done.err) == (3, False)
    assert f"{tmp_path / 'no.tsv'}: there is no such file. Expected a file of labelled pairs" in done.err
