"""Texts of JSONL and of tables: what is read of a record, and what a bad one says."""

from __future__ import annotations

import csv
import gzip
import io
import lzma
import os
import zipfile
from collections.abc import Callable

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from nlpx.data import csv_reader
from nlpx.errors import DataError, UsageError
from nlpx.inference.lines import Line, opened, read_lines
from nlpx.inference.records import Table, Wanted, read_objects


def objects(raw: bytes, wanted: Wanted) -> list[Line]:
    return list(read_objects(io.BufferedReader(io.BytesIO(raw)), "here", wanted))


def table(raw: bytes, wanted: Wanted) -> list[Line]:
    return list(Table(io.BufferedReader(io.BytesIO(raw)), "here", wanted))


def test_fields_of_objects() -> None:
    raw = '{"text": "春风", "n": 7}\n\n  \r\n{"n": "甲", "text": ""}\r\n'.encode()
    assert objects(raw, Wanted("text")) == [Line("1", "春风"), Line("4", "")]
    assert objects(raw, Wanted("text", "n", keep=True)) == [
        Line("7", "春风", record={"text": "春风", "n": 7}),
        Line("甲", "", record={"n": "甲", "text": ""}),
    ]


def test_dots_lead_into_objects_unless_the_name_has_dots() -> None:
    raw = b'{"a": {"b": {"c": "x"}}}\n{"a": {"b": 3}}\n{"a.b.c": "z", "a": {}}'
    found = objects(raw, Wanted("a.b.c"))
    assert [line.text for line in found] == ["x", "", "z"]
    assert "here:2: there is no field a.b.c" in found[1].error


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b'{"text": 1', "here:2: not JSON: "),
        (b'["text"]', "here:2: no JSON object. Expected one JSON object per line, with a field text."),
        (b"{}", "here:2: there is no field text; the object is empty."),
        (b'{"texts": "a"}', "here:2: there is no field text; did you mean texts?"),
        (b'{"a": 1, "b": 2}', "here:2: there is no field text; there are a, b."),
        (b'{"text": null}', "here:2: the field text is null. Expected a string."),
        (b'{"text": true}', "here:2: the field text is true. Expected a string."),
        (b'{"text": ["a"]}', "here:2: the field text is a list. Expected a string."),
        (b'{"text": "\\ud800"}', "here:2: the field text contains half of a character"),
        (b'{"text": "\xff"}', "here:2: byte 11 of this line (0xff) is not UTF-8."),
        (b'{"text": "a", "prediction": "b"}', "here:2: the record has a field prediction"),
        (b'{"text": 1e999}', "here:2: the object contains a number that is not finite"),
        (b'{"text": "a", "x": [NaN]}', "here:2: the object contains a number that is not finite"),
        (b'{"text": "a", "x": %b}' % (b"[" * 300 + b"]" * 300), "here:2: the object is nested deeper than"),
        (b'{"text": "\0"}', "here:2: byte 11 of this line is zero. Text has none"),
        (
            '{"text": "春风"}'.encode("gb18030"),
            "here:2: byte 11 of this line (0xb4) is not UTF-8: the file looks like GB",
        ),
    ],
)
def test_a_bad_object_keeps_its_place(raw: bytes, reason: str) -> None:
    found = objects(b'{"text": "x"}\n' + raw + b'\n{"text": 3.5}\n', Wanted("text", keep=True))
    assert [(line.id, line.text) for line in found] == [("1", "x"), ("2", ""), ("3", "3.5")]
    assert found[1].error.startswith(reason)
    assert not found[0].error + found[2].error


@pytest.mark.parametrize(
    ("raw", "advice"),
    [
        (b'[{"text": "a"}]', "jq -c '.[]' OLD"),
        (b'[\n{"text": "a"}\n]', "'.[]'"),
        (b'{\n "text": "a"}', "jq -c . OLD"),
    ],
)
def test_files_of_json_without_one_object_per_line(raw: bytes, advice: str) -> None:
    assert advice in objects(raw, Wanted("text"))[0].error


def test_a_number_that_is_no_text() -> None:
    found = objects(
        b'{"text": 1e999}\n{"text": "a", "x": NaN, "deep": %b}' % (b"[" * 200 + b"]" * 200), Wanted("text")
    )
    assert "here:1: the field text is Infinity. Expected a string." in found[0].error
    assert found[1] == Line("2", "a")


def test_columns_of_tables() -> None:
    raw = '\ufeffno,text,"a, b"\r\n甲,"春""风,\r\n又",x\r\n\r\n乙,,\r\n'.encode()
    read = Table(io.BytesIO(raw), "here", Wanted("text", "no", keep=True))
    assert (read.columns, read.separator) == (("no", "text", "a, b"), ",")
    assert list(read) == [
        Line("甲", '春"风,\r\n又', record={"no": "甲", "text": '春"风,\r\n又', "a, b": "x"}),
        Line("乙", "", record={"no": "乙", "text": "", "a, b": ""}),
    ]
    assert [line.id for line in table(raw, Wanted("text"))] == ["2", "5"]
    assert [line.text for line in table("text\tn\n春,风\t1\n".encode(), Wanted("text"))] == ["春,风"]


CELLS = st.text(
    st.one_of(
        st.sampled_from('\t\r\n",; '), st.characters(exclude_categories=["Cs"], exclude_characters="\0")
    )
)


@given(st.lists(st.lists(CELLS, min_size=2, max_size=2), max_size=4), st.sampled_from("\t,"))
def test_what_csv_writes_is_read(rows: list[list[str]], separator: str) -> None:
    file = io.StringIO(newline="")
    csv.writer(file, delimiter=separator).writerows([["text", "other"], *rows])
    found = table(file.getvalue().encode(), Wanted("text", "other"))
    assert [[line.text, line.id, line.error] for line in found] == [[*row, ""] for row in rows]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (b"a", "here:2: 1 cell. Expected 2, as in the header: text, n."),
        (b"a,b,c", "here:2: 3 cells. Expected 2"),
        (b"\xff,1", "here:2: byte 1 of this line (0xff) is not UTF-8."),
        (b'"a"b,1', "here:2: ',' expected after '\"'. Expected quotes only around whole cells"),
    ],
)
def test_a_bad_row_keeps_its_place(row: bytes, reason: str) -> None:
    found = table(b"text,n\n" + row + b"\nx,1\n", Wanted("text"))
    assert [(line.id, line.text) for line in found] == [("2", ""), ("3", "x")]
    assert found[0].error.startswith(reason)


def test_a_quote_that_is_not_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    (found,) = table(b'text,n\n"a,1\nx,1\n', Wanted("text"))
    assert found.error.startswith("here:2 to 3: unexpected end of data. Expected quotes")
    monkeypatch.setattr(csv_reader, "LONGEST_CELL", 10)
    found, *rest = table(b'text,n\n"a,1\nxxxxxxxxx,1\nx,1\n', Wanted("text"))
    assert found.error == (
        "here:2 to 3: a cell is longer than 10 characters; cut it, or close the quote that opens it."
    )
    assert [line.text for line in rest] == ["x"]


def test_long_cells_leave_the_limit_of_python_as_it_is() -> None:
    before = csv.field_size_limit()
    raw = b"text,n\n" + b"x" * (before + 1) + b',1\n"x\n'
    long, _ = table(raw, Wanted("text"))
    assert (len(long.text), long.error) == (before + 1, "")
    assert csv.field_size_limit() == before


@pytest.mark.parametrize(
    ("header", "wanted", "reason"),
    [
        (b"", Wanted("text"), "here: there is no header"),
        (b"txt,n", Wanted("text"), "here:1: there is no column text; did you mean txt?"),
        (b"a,b", Wanted("text"), "here:1: there is no column text; the header has a, b."),
        (b"text,n", Wanted("text", "id"), "here:1: there is no column id"),
        (b"text,text", Wanted("text"), "here:1: there is more than one column text"),
        (b"text,n,n", Wanted("text", keep=True), "here:1: the columns cannot be kept"),
        (b"text,prediction", Wanted("text", keep=True), "here:1: the columns cannot be kept"),
        (b"t\xffxt,n", Wanted("text"), "here:1: byte 2 of this line (0xff) is not UTF-8"),
    ],
)
def test_a_header_without_the_columns(header: bytes, wanted: Wanted, reason: str) -> None:
    with pytest.raises(UsageError) as caught:
        table(header, wanted)
    assert str(caught.value).startswith(reason)


def zipped(*contents: bytes) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, content in enumerate(contents):
            archive.writestr(f"{number}.txt", content)
    return written.getvalue()


PACKERS: list[Callable[[bytes], bytes]] = [
    gzip.compress,
    lzma.compress,
    zstandard.ZstdCompressor(write_checksum=True).compress,
    zipped,
]


@pytest.mark.parametrize("pack", [*PACKERS, bytes])
def test_compressed_lines(pack: Callable[[bytes], bytes]) -> None:
    lines = [f"第{i}行" for i in range(1000)]
    packed = pack("\n".join(lines).encode())
    with opened(io.BufferedReader(io.BytesIO(packed)), "here") as stream:
        assert [line.text for line in read_lines(stream, "here")] == lines


@pytest.mark.parametrize("pack", PACKERS)
def test_a_damaged_file(pack: Callable[[bytes], bytes]) -> None:
    packed = pack(b"".join(f"{i * 7919 % 65537}\n".encode() for i in range(5000)))
    middle = len(packed) // 2
    for raw in (packed[:middle], packed[:middle] + bytes(100) + packed[middle + 100 :]):
        with (
            pytest.raises(DataError, match="here: cannot be read"),
            opened(io.BufferedReader(io.BytesIO(raw)), "here") as stream,
        ):
            list(read_lines(stream, "here"))


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (zipped(b"a", b"b"), "here: this ZIP archive has 2 files: 0.txt, 1.txt. Expected one"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "here: this is an old Excel workbook"),
        (b"SQLite format 3\0" + bytes(600), "here: this is an SQLite database"),
    ],
)
def test_a_file_without_lines(raw: bytes, reason: str) -> None:
    with pytest.raises(DataError) as caught, opened(io.BufferedReader(io.BytesIO(raw)), "here"):
        pass
    assert str(caught.value).startswith(reason)


def test_a_pipe_is_decompressed_as_it_comes() -> None:
    for pack, reason in ((zstandard.compress, ""), (bytes, ""), (zipped, "which a pipe cannot give")):
        end, start = os.pipe()
        with os.fdopen(end, "rb") as pipe:
            with os.fdopen(start, "wb") as writer:
                writer.write(pack("春\n风\n".encode()))
            if reason:
                with pytest.raises(DataError, match=reason), opened(pipe, "here"):
                    pass
                continue
            with opened(pipe, "here") as stream:
                assert [line.text for line in read_lines(stream, "here")] == ["春", "风"]


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"a\rb,text\n1,2\n", r"here:1: a cell without quotes contains \\r. Expected lines that end in"),
        (b"id,text\r1,x\r2,y\r", r"here:1: a cell without quotes contains \\r"),
        (b'text,"id\n1,2\n', "here:1 to 2: unexpected end of data. Expected quotes only around whole cells"),
        (b'"te"xt,id\n1,2\n', "here:1: .* Expected quotes only around whole cells"),
        (
            b"id;text\n1;2\n",
            "here:1: there is no column text; the header is id;text. Expected columns between",
        ),
        (b'{"text": "' + b"x" * 99 + b'"}\n', r"here:1: there is no column text; .{,120}$"),
    ],
)
def test_a_bad_header_is_a_line(raw: bytes, reason: str) -> None:
    with pytest.raises(UsageError, match=reason):
        table(raw, Wanted("text"))


def test_names_of_columns_may_contain_line_breaks() -> None:
    read = Table(io.BytesIO(b'text,"a\nb"\n1,2\n3\n'), "here", Wanted("text", keep=True))
    found = list(read)
    assert read.columns == ("text", "a\nb")
    assert found[0] == Line("3", "1", record={"text": "1", "a\nb": "2"})
    assert found[1].error.startswith("here:4: 1 cell. Expected 2")
    assert found[1].record == {"text": "3", "a\nb": ""}


def test_a_row_with_too_many_cells_keeps_its_cells() -> None:
    (found,) = Table(io.BytesIO(b"text,n\na,1,x\n"), "here", Wanted("text", "n", keep=True))
    assert (found.text, found.record) == ("", {"text": "a", "n": "1"})
    assert found.error.startswith("here:2: 3 cells. Expected 2")


def test_a_long_header_and_a_lone_carriage_return() -> None:
    assert [line.text for line in table(b"x" * 200_000 + b",text\n1,2\n", Wanted("text"))] == ["2"]
    found = table(b"id,text\n1,a\rb\n2,c\n", Wanted("text"))
    assert [line.text for line in found] == ["", "c"]
    assert found[0].error.startswith("here:2: a cell without quotes contains")
