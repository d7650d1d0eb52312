"""`nlpx predict` for records, tables and compressed files, and an output that is interrupted."""

from __future__ import annotations

import csv
import gzip
import json
import pickle
from pathlib import Path

import pytest

from nlpx.cli import predict
from nlpx.workflow.predict import RunOpener
from tests.tasks.conftest import Command

TEXTS = ["春风", "明月松间照", "", "秋月,夜"]


@pytest.fixture
def run(runs: Path) -> Path:
    return runs / "segmentation" / "tiny"


@pytest.fixture
def lines(tmp_path: Path) -> Path:
    path = tmp_path / "in.txt"
    path.write_text("".join(f"{text}\n" for text in TEXTS), encoding="utf-8")
    return path


def test_records_tables_and_lines_have_the_same_predictions(
    nlpx: Command, run: Path, lines: Path, tmp_path: Path
) -> None:
    predicted = nlpx("predict", run, "--input", lines).out.splitlines()
    rows = [{"no": f"n{i}", "doc": {"text": text}, "score": i / 2} for i, text in enumerate(TEXTS)]
    records, table = tmp_path / "in.jsonl", tmp_path / "in.csv.gz"
    records.write_text("".join(json.dumps(row) + "\n\n" for row in rows), encoding="utf-8")
    with gzip.open(table, "wt", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([["no", "text"], *zip("甲乙丙丁", TEXTS, strict=True)])
    shown = nlpx("predict", run, "--input", records, "--field", "doc.text", "--keep")
    expected = [{"words": line.split(" ") if line else []} for line in predicted]
    assert list(map(json.loads, shown.out.splitlines())) == [
        {**row, "prediction": fields} for row, fields in zip(rows, expected, strict=True)
    ]
    shown = nlpx("predict", run, "--input", table, "--column", "text", "--id", "no", "--format", "tsv")
    assert shown.out.splitlines() == [
        "id\ttext\tprediction",
        *map("\t".join, zip("甲乙丙丁", TEXTS, predicted, strict=True)),
    ]
    shown = nlpx("predict", run, "--input", table, "--column", "text", "--keep")
    assert [*csv.reader(shown.out.splitlines())] == [
        ["no", "text", "prediction"],
        *map(list, zip("甲乙丙丁", TEXTS, predicted, strict=True)),
    ]


def test_a_table_in_another_character_set(nlpx: Command, run: Path, lines: Path, tmp_path: Path) -> None:
    predicted = nlpx("predict", run, "--input", lines).out
    table = tmp_path / "in.csv"
    with table.open("w", encoding="gb18030", newline="") as file:
        csv.writer(file).writerows([["文本"], *zip(TEXTS, strict=True)])
    asked = ("predict", run, "--input", table, "--column", "文本")
    shown = nlpx(*asked)
    assert (shown.code, "in.csv:1: byte 1" in shown.text, "give --encoding gb18030" in shown.text) == (
        2,
        True,
        True,
    )
    shown = nlpx(*asked, "--encoding", "gb18030")
    assert (shown.code, shown.out) == (0, predicted)
    raw = "\n".join(TEXTS).encode("utf-16-be")
    shown = nlpx("predict", run, "--input", "-", "--encoding", "utf-16-be", stdin=raw)
    assert (shown.code, shown.out) == (0, predicted)


def test_bad_records_keep_their_place(nlpx: Command, run: Path) -> None:
    raw = '{"text": "春风"}\n{"txt": 1}\nno\n'.encode()
    shown = nlpx("predict", run, "--input", "-", "--field", "text", "--keep", stdin=raw)
    assert shown.code == 3
    first, second, third = map(json.loads, shown.out.splitlines())
    assert (list(first), list(second), list(third)) == (
        ["text", "prediction"],
        ["txt", "prediction"],
        ["prediction"],
    )
    assert second["prediction"]["error"].startswith("standard input:2: there is no field text")
    assert "error: standard input:3: not JSON" in shown.text
    assert "no prediction for 2 of the inputs" in shown.text


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (["--field", "a", "--column", "b"], "give either --field"),
        (["--field", "a", "--ids"], "use --id NAME"),
        (["--keep"], "--keep needs --field NAME (JSONL) or --column NAME"),
        (["--id", "a"], "--id needs --field NAME (JSONL) or --column NAME"),
        (["--field", "a", "--keep", "--format", "text"], "--keep: the format text has no other fields"),
        (["--field", "a", "--keep", "--format", "csv"], "--keep: records of JSONL may have different fields"),
        (["--column", "a"], "in.txt:1: there is no column a"),
        (["--column", ""], "--column: the name is empty"),
        (["--field", ""], "--field: the name is empty"),
        (["--column", "a", "--id", ""], "--id: the name is empty"),
        (["--input", ""], "--input: the path is empty"),
        (["--input", "x" * 300], "cannot be read: File name too long"),
        (["--input", "/dev/null/x"], "/dev/null/x: /dev/null is a device, not a folder"),
        (["--encoding", "gb2313"], "'gb2313' is not one of 'utf-8', 'gb18030'"),
        (["--resume"], "--resume needs an --output FILE"),
        (["--resume", "--output", "/dev/null"], "--resume needs an --output FILE"),
        (["--jobs", "2", "--draw", "drawn"], "--draw cannot be combined with --jobs"),
    ],
)
def test_options_that_do_not_fit(
    nlpx: Command, run: Path, lines: Path, options: list[str], reason: str
) -> None:
    shown = nlpx("predict", run, "--input", lines, *options)
    assert (shown.code, reason in shown.text) == (2, True), shown.text


@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="the system has no such file")
def test_an_input_that_cannot_be_read_is_named(nlpx: Command, run: Path) -> None:
    shown = nlpx("predict", run, "--input", "/proc/self/mem")
    assert (shown.code, "/proc/self/mem: cannot be read: " in shown.text) == (3, True), shown.text


def test_a_run_with_a_long_name(nlpx: Command) -> None:
    long = "x" * 300
    named = ((long, "there is no run"), (f"a/b/{long}", "there is no such folder"), ("", "is empty"))
    for name, reason in named:
        shown = nlpx("predict", name, "--text", "春")
        assert (shown.code, reason in shown.text) == (2, True), shown.text


@pytest.mark.parametrize(
    ("options", "code"), [(["--corpus", "x" * 300], 3), (["--output", "x" * 300 + "/out"], 4)]
)
def test_files_with_long_names(nlpx: Command, run: Path, lines: Path, options: list[str], code: int) -> None:
    shown = nlpx("predict", run, "--input", lines, *options)
    assert (shown.code, "xxx: " in shown.text or "there is no folder" in shown.text) == (code, True), (
        shown.text
    )


def test_an_interrupted_output_is_resumed(
    nlpx: Command, run: Path, lines: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "out.tsv"
    asked = ("predict", run, "--input", lines, "--output", target, "--format", "tsv")
    assert nlpx(*asked).code == 0
    expected = target.read_bytes()
    target.write_text("old", encoding="utf-8")
    monkeypatch.setattr(predict, "LINES_AT_ONCE", 2)
    with monkeypatch.context() as patch:
        patch.setattr("nlpx.inference.progress.PredictionProgress.add", interrupt)
        shown = nlpx(*asked)
    assert (shown.code, target.read_text(encoding="utf-8")) == (130, "old")
    assert f"2 lines are in {target}.nlpx-part; continue with the same command and --resume." in shown.text
    shown = nlpx(*asked, "--resume", "--format", "jsonl", "--set", "seed=7")
    assert (shown.code, "--set was not given, now seed=7; --format was tsv, now jsonl" in shown.text) == (
        2,
        True,
    )
    shown = nlpx(*asked, "--resume")
    assert (shown.code, target.read_bytes()) == (0, expected)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.txt", "out.tsv", "runs"]


def interrupt(*arguments: object) -> None:
    raise KeyboardInterrupt


def test_unfinished_files_are_not_read_and_written(nlpx: Command, run: Path, lines: Path) -> None:
    part = lines.rename(lines.with_name("out.nlpx-part"))
    shown = nlpx("predict", run, "--input", part, "--output", lines.with_name("out"))
    assert (shown.code, "is the same file as" in shown.text) == (2, True)


def test_an_opener_reaches_another_process(runs: Path) -> None:
    opener = RunOpener(runs, runs / "couplet" / "tiny", "best", (), ("decode=beam",))
    assert pickle.loads(pickle.dumps(opener)) == opener
    identity = opener.identity()
    assert identity["checkpoint"].startswith("step-")
    (runs / "couplet" / "tiny" / "resolved.yaml").write_text("changed", encoding="utf-8")
    assert {key for key, value in opener.identity().items() if value != identity[key]} == {"config"}
