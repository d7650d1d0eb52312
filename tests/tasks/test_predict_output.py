"""What `nlpx predict` writes where some lines cannot be answered, and what it never writes over."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from tests.tasks.conftest import Command


def test_good_lines_are_answered_and_bad_ones_keep_their_place(
    nlpx: Command, runs: Path, tmp_path: Path
) -> None:
    source, target = tmp_path / "in.tsv", tmp_path / "out.jsonl"
    source.write_bytes("甲\t春风\n没有\n乙\t".encode() + b"\xff\n" + "丙\t秋月\n".encode())
    run = runs / "couplet" / "tiny"
    shown = nlpx("predict", run, "--ids", "--input", source, "--format", "jsonl", "--output", target)
    assert shown.code == 3
    records = [json.loads(line) for line in target.read_text(encoding="utf-8").splitlines()]
    assert [record["id"] for record in records] == ["甲", "2", "乙", "丙"]
    assert [sorted(record) for record in records] == [
        ["id", "lower", "text"],
        ["error", "id", "text"],
        ["error", "id", "text"],
        ["id", "lower", "text"],
    ]
    assert f"error: {source}:2: this line contains no tab" in shown.text
    assert f"error: {source}:3: byte 5 of this line (0xff) is not UTF-8" in shown.text
    assert "no prediction for 2 of the inputs" in shown.text
    for form in ("text", "tsv"):
        out = nlpx("predict", run, "--ids", "--input", source, "--format", form).out
        assert [len(line.split("\t")[-1]) for line in out.splitlines()] == [2, 0, 0, 2]


@pytest.mark.parametrize("form", ["text", "tsv", "jsonl"])
def test_inputs_do_not_act_on_a_terminal(
    nlpx: Command, runs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    source = tmp_path / "in\u202e.txt"
    source.write_bytes("a\u202e\x9b31mb\t春\u202e\x9b风\n没有\nc\u202e\t{}\n".encode())
    asked = ("predict", runs / "segmentation" / "tiny", "--ids", "--input", source, "--format", form)
    piped = nlpx(*asked)
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    shown = nlpx(*asked)
    assert shown.code == piped.code == 3
    assert (
        r"in\u202e.txt:2: this line contains no tab" in shown.text,
        r"text c\u202e is JSON" in shown.text,
    ) == (True, True)
    for printed in (shown.out, shown.err, piped.err):
        assert not {"\u202e", "\x9b"} & set(printed)
    assert r"\u202e" in shown.out
    if form == "jsonl":
        assert shown.out == piped.out
        assert json.loads(shown.out.splitlines()[0])["text"] == "春\u202e\x9b风"
    else:
        assert "\u202e\x9b" in piped.out.replace(" ", "")


def test_json_is_warned_about_once(nlpx: Command, runs: Path) -> None:
    lines = '春风\n{"text": "春风"}\n{"text": "秋月"}\n'.encode()
    shown = nlpx("predict", runs / "couplet" / "tiny", "--input", "-", stdin=lines)
    assert shown.code == 0
    assert shown.err.count("is JSON, but is treated as plain text") == 1
    assert "text 2 is JSON" in shown.text


@pytest.mark.parametrize("option", ["--input", "--corpus"])
def test_what_is_read_is_not_written_over(nlpx: Command, runs: Path, tmp_path: Path, option: str) -> None:
    path = tmp_path / "lines.txt"
    path.write_text("春风\n", encoding="utf-8")
    asked = [] if option == "--input" else ["--text", "秋月"]
    shown = nlpx("predict", runs / "couplet" / "tiny", *asked, option, path, "--output", path)
    assert (shown.code, "is the same file as" in shown.text) == (2, True)
    assert path.read_text(encoding="utf-8") == "春风\n"


def test_a_text_of_two_lines_has_one_answer(nlpx: Command, runs: Path) -> None:
    run = runs / "segmentation" / "tiny"
    shown = nlpx("predict", run, "--text", "春风\n秋月", "--text", "一\r二")
    assert len(shown.out.splitlines()) == 2


def test_many_failures_are_counted(nlpx: Command, runs: Path) -> None:
    shown = nlpx("predict", runs / "couplet" / "tiny", "--input", "-", stdin=b"\xff\n" * 300)
    assert shown.code == 3
    assert shown.out == "\n" * 300
    assert len(shown.err.splitlines()) < 110
    assert "no prediction for 300 of the inputs" in shown.text
