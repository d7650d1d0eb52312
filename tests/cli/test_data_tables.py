"""Tables as people have them: columns by name or number, spreadsheets, character sets, archives."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import pytest
import zstandard

from tests.cli.program import Nlpx, nlpx
from tests.cli.test_data_wrong_format import COUPLETS, TABBED, advised, config, lines

__all__ = ["nlpx"]

NAMED = [
    {"id": n, "上联": first, "下联": second, "label": True} for n, (first, second) in enumerate(COUPLETS)
]
COLUMNS = {"first": "上联", "second": "下联"}


def table(delimiter: str, header: bool = True, end: str = "\r\n") -> str:
    file = io.StringIO(newline="")
    written = csv.DictWriter(file, list(NAMED[0]), delimiter=delimiter, lineterminator=end)
    if header:
        written.writeheader()
    written.writerows(NAMED)
    return file.getvalue()


def zipped(**files: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return file.getvalue()


READ: dict[str, tuple[str, str | bytes, dict[str, Any]]] = {
    "CSV with a header": ("a.csv", table(","), {"columns": COLUMNS}),
    "CSV by numbers": ("a.csv", table(",", header=False), {"columns": {"first": 2, "second": 3}}),
    "CSV, one name like the column's": (
        "a.csv",
        table(",").replace("上联", "first"),
        {"columns": {"second": "下联"}},
    ),
    "CSV with semicolons, named otherwise": (
        "a.txt",
        table(";"),
        {"format": "csv", "separator": ";", "columns": COLUMNS},
    ),
    "CSV without a header, of two columns": ("a.csv", lines(*map(",".join, COUPLETS)), {}),
    "TSV with a header": ("a.tsv", table("\t"), {"columns": COLUMNS}),
    "bars without quotes": ("a.txt", table("|"), {"separator": "|", "columns": COLUMNS}),
    "JSON lines": ("a.jsonl", lines(*map(json.dumps, NAMED)), {"columns": COLUMNS}),
    "JSON lines, named otherwise": (
        "a",
        lines(*map(json.dumps, NAMED)),
        {"columns": COLUMNS, "format": "jsonl"},
    ),
    "CSV UTF-8 of Excel": ("a.csv", table(",").encode("utf-8-sig"), {"columns": COLUMNS}),
    "Unicode text of Excel": (
        "a.txt",
        table("\t").encode("utf-16"),
        {"columns": COLUMNS, "format": "csv", "separator": "\t"},
    ),
    "UTF-16 without a mark": ("a.tsv", TABBED.encode("utf-16-be"), {"encoding": "utf-16-be"}),
    "GBK": ("a.csv", table(",").encode("gbk"), {"columns": COLUMNS, "encoding": "gb18030"}),
    "Big5, blank rows": (
        "a.csv",
        "晚風,晨露\n,,\n\n一江,萬里\n天增,春滿\n花開,竹報\n".encode("big5"),
        {"encoding": "big5"},
    ),
    "zstd": (
        "a.tsv.zst",
        zstandard.compress(TABBED[:30].encode()) + zstandard.compress(TABBED[30:].encode()),
        {},
    ),
    "ZIP": ("a.zip", zipped(**{"data/a.tsv": TABBED.encode(), "__MACOSX/._a.tsv": b"\0"}), {}),
    "CSV in a ZIP archive": ("a.csv.zip", zipped(a=table(",").encode()), {"columns": COLUMNS}),
}


@pytest.mark.parametrize("name", READ)
def test_rows_of_tables(nlpx: Nlpx, tmp_path: Path, name: str) -> None:
    file, content, options = READ[name]
    path = config(tmp_path, "pairs", file, content, **options)
    done = nlpx("check", path)
    assert (done.code, done.err) == (0, ""), done.err
    done = nlpx("data", "check", path, "--json")
    assert done.code == 0, done.err
    found = json.loads(done.out)
    assert (found["bad"], found["warnings"]) == ([], [])
    assert found["splits"]["train"]["rows"] == len(COUPLETS) - 1
    assert nlpx("data", "export", path, "--output", tmp_path / "new").code == 0
    made = [line for split in ("train", "valid") for line in lines_of(tmp_path / f"new/{split}.tsv")]
    if "Big5" not in name:
        assert sorted(made) == sorted("\t".join(row) for row in COUPLETS)


def lines_of(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines()


def spreadsheet(delimiter: str) -> str:
    """Articles as a spreadsheet writes them: cells with its separator, quotes and line breaks."""
    file = io.StringIO(newline="")
    rows = [(n, f'标题{n},"引"语', f'第一行{n}\n\n第二行; "x"|\r\n尾{n}') for n in range(30)]
    csv.writer(file, delimiter=delimiter).writerows([("id", "title", "content"), *rows])
    return file.getvalue()


@pytest.mark.parametrize("delimiter", [",", ";", "|", "\t"])
def test_the_advised_options_keep_cells_with_quotes_and_line_breaks_whole(
    nlpx: Nlpx, tmp_path: Path, delimiter: str
) -> None:
    path = config(tmp_path, "articles", "OLD", spreadsheet(delimiter).encode("utf-8-sig"))
    done = nlpx("data", "check", path)
    assert done.code == 3
    advised(nlpx, path, done)
    done = nlpx("data", "export", path, "--output", tmp_path / "new")
    made = [
        json.loads(line) for name in ("train", "valid") for line in lines_of(tmp_path / f"new/{name}.jsonl")
    ]
    assert sorted((row["title"], row["content"]) for row in made) == sorted(
        (f'标题{n},"引"语', f'第一行{n} 第二行; "x"| 尾{n}') for n in range(30)
    )


def test_the_advised_command_keeps_cells_with_quotes_and_line_breaks_whole(
    nlpx: Nlpx, tmp_path: Path
) -> None:
    (tmp_path / "OLD").write_bytes(spreadsheet(",").encode("utf-8-sig"))
    done = nlpx("data", "groups", tmp_path / "OLD", "--output", tmp_path)
    (advice,) = re.findall("choose columns: `(.*?)`", done.err)
    subprocess.run(advice, shell=True, check=True, cwd=tmp_path, env={**os.environ, "LC_ALL": "C"})
    made = lines_of(tmp_path / "NEW")
    assert made[1:] == [f'{n}\t标题{n},"引"语\t第一行{n} 第二行; "x"| 尾{n}' for n in range(30)]


WRONG: dict[str, tuple[str, str | bytes, dict[str, Any], list[str]]] = {
    "a column that is not there": (
        "a.csv",
        table(","),
        {"columns": {"first": "上连", "second": "下联"}},
        ["a.csv:1: no column is called", "上连", "the header has", "Correct data.source.columns"],
    ),
    "a column that is there twice": (
        "a.tsv",
        "上联\t上联\n一\t二\n",
        {"columns": {"first": "上联", "second": "下联"}},
        ["a.tsv:1: several columns are called"],
    ),
    "too few cells": (
        "a.csv",
        table(",") + "9,一\r\n",
        {"columns": COLUMNS},
        ["a.csv:6: 2 columns; expected 4, as in the header"],
    ),
    "too few cells for a number": (
        "a.csv",
        table(",", header=False) + "9,一\r\n",
        {"columns": {"first": 2, "second": 3}},
        ["a.csv:5: 2 columns; expected at least 3"],
    ),
    "an empty cell": (
        "a.csv",
        table(",") + "9,一,,0\r\n",
        {"columns": COLUMNS},
        ["a.csv:6: the second text is empty"],
    ),
    "a quote in the middle, after a text of two lines": (
        "a.csv",
        '"上\n联",下联\n"一"二,三\n',
        {},
        ["a.csv:3: a closing quote is in the middle of a cell"],
    ),
    "a quote that is not closed": (
        "a.csv",
        table(",") + '9,"一,二,0\r\n',
        {"columns": COLUMNS},
        ["a.csv:6: a quote that opens in this row is not closed", "data.source.format: tsv"],
    ),
    "a long cell": (
        "a.csv",
        "一," + "二" * 140_000 + "\n",
        {},
        ["a.csv:1: the upper line has 1 characters and the lower 140000;", "二...\n"],
    ),
    "a cell with a carriage return": (
        "a.csv",
        "一,二\n三\r四,五\n六,七\n",
        {},
        ["a.csv:2: a cell without quotes contains \\r. Expected lines that end in"],
    ),
    "a field that is missing": (
        "a.jsonl",
        lines(*map(json.dumps, [*NAMED, {"上联": "一"}])),
        {"columns": COLUMNS},
        ["a.jsonl:5: the field 下联 is missing; expected a text"],
    ),
    "a field that is a list": (
        "a.jsonl",
        lines(*map(json.dumps, [*NAMED, {"上联": "一", "下联": []}])),
        {"columns": COLUMNS},
        ["a.jsonl:5: the field 下联 is a list; expected a text"],
    ),
    "no object": (
        "a.jsonl",
        lines(*map(json.dumps, [*NAMED, 3])),
        {"columns": COLUMNS},
        ['a.jsonl:5: no JSON object; expected {"上联": ..., "下联": ...}'],
    ),
    "UTF-8 declared as GB18030": (
        "a.tsv",
        TABBED,
        {"encoding": "gb18030"},
        ["this file is UTF-8, but data.source.encoding is gb18030. Remove"],
    ),
    "UTF-16 declared as GB18030": (
        "a.tsv",
        TABBED.encode("utf-16"),
        {"encoding": "gb18030"},
        ["this file is UTF-16, but"],
    ),
    "bytes that are not GB18030": (
        "a.tsv",
        b"\xff\tabc\n",
        {"encoding": "gb18030"},
        ["a.tsv:1: byte 1", "is not GB18030", "Expected gb18030 as declared"],
    ),
    "two files": (
        "a.zip",
        zipped(a=b"1", b=b"2"),
        {},
        ["a.zip: this ZIP archive has 2 files: a, b. Expected one; unpack it"],
    ),
    "rows that are all empty": ("a.csv", ",,\n,,\n", {}, ["a.csv: no row can be used"]),
    "a bomb": (
        "a.zst",
        zstandard.compress((b"a" * (1 << 20) + b"\n") * 80),
        {},
        ["a.zst: this file unpacks to more than 250 times its size"],
    ),
    "an empty archive": ("a.zip", b"PK\x05\x06" + bytes(18), {}, ["a.zip:1: byte"]),
    "a workbook": (
        "a.xlsx",
        zipped(**{"[Content_Types].xml": b"", "xl/workbook.xml": b""}),
        {},
        ["an Excel workbook", "Save it as CSV UTF-8"],
    ),
    "a damaged archive": ("a.zip", zipped(a=TABBED.encode())[:60], {}, ["a.zip:1: cannot be read", "again"]),
    "zstd that is cut off": (
        "a.zst",
        zstandard.compress(TABBED.encode() * 9)[:-3],
        {},
        ["cannot be read: the compressed file ended"],
    ),
    "damaged zstd": (
        "a.zst",
        zstandard.compress(TABBED.encode())[:12] + b"abcdef",
        {},
        ["cannot be read", "again"],
    ),
    "a tar archive": (
        "a.tar",
        b"a.tsv" + bytes(252) + b"ustar" + bytes(300),
        {},
        ["this is a tar archive. Unpack it"],
    ),
    "Parquet": (
        "a.parquet",
        b"PAR1" + bytes(99),
        {},
        ["this is a Parquet file; write its columns to a CSV file"],
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_with_a_table(nlpx: Nlpx, tmp_path: Path, name: str) -> None:
    file, content, options, expected = WRONG[name]
    done = nlpx("data", "check", config(tmp_path, "pairs", file, content, **options))
    assert done.code == 3
    assert [part for part in expected if part not in done.out + done.err] == [], done.out + done.err
    assert "Traceback" not in done.err


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"columns": {"first": "a", "secnd": "b"}}, "did you mean second?"),
        ({"columns": {"first": 1, "second": "b"}}, "all names, or all numbers"),
        ({"columns": {"first": 1}}, "lacks the number of second"),
        ({"columns": {}}, "data.source.columns"),
        ({"columns": {"first": 0, "second": 1}}, "data.source.columns"),
        ({"separator": '"'}, "data.source.separator"),
        ({"separator": ",", "format": "jsonl"}, "JSON lines have no separator"),
        ({"encoding": "gb"}, "gb18030"),
        ({"train": ["a", "b"], "columns": {"first": "a"}}, "parallel files have no columns"),
    ],
)
def test_options_that_do_not_fit(nlpx: Nlpx, tmp_path: Path, options: dict[str, Any], expected: str) -> None:
    path = config(tmp_path, "pairs", "a.tsv", TABBED)
    done = nlpx(
        "check", path, *(f"--set=data.source.{name}={json.dumps(value)}" for name, value in options.items())
    )
    assert done.code == 2
    assert expected in done.err, done.err


@pytest.mark.parametrize(
    ("source", "rows", "options"),
    [
        (
            "articles",
            [{"标题": "甲", "正文": "乙", "类": "x"}] * 3,
            {"columns": {"title": "标题", "content": "正文"}, "where": {"类": "x"}},
        ),
        (
            "labelled_texts",
            [{"review": "好", "label": 1}, {"review": "差", "label": 0}, {"review": "行", "label": 1}],
            {"columns": {"text": "review"}},
        ),
        (
            "groups",
            [{"组": n // 2, "问": f"句{n}"} for n in range(6)],
            {"columns": {"group": "组", "sentence": "问"}},
        ),
        (
            "scored_pairs",
            [{"a": f"甲{n}", "b": f"乙{n}", "s": n / 4} for n in range(3)],
            {"columns": {"first": "a", "second": "b", "score": "s"}},
        ),
        (
            "poems",
            [{"诗": "云开山月出，风定夜潮平。"}, {"诗": "灯远人声静，舟归水气清。"}],
            {"columns": {"text": "诗"}},
        ),
    ],
)
@pytest.mark.parametrize("kind", ["csv", "tsv", "jsonl"])
def test_columns_of_every_source(
    nlpx: Nlpx, tmp_path: Path, kind: str, source: str, rows: list[dict[str, object]], options: dict[str, Any]
) -> None:
    between = "," if kind == "csv" else "\t"
    cells = [list(rows[0]), *(list(map(str, row.values())) for row in rows)]
    content = lines(*(map(json.dumps, rows) if kind == "jsonl" else map(between.join, cells)))
    path = config(tmp_path, source, f"a.{kind}", content, **options)
    done = nlpx("data", "check", path)
    assert (done.code, done.err) == (0, ""), done.out + done.err
