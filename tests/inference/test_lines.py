"""Lines of an input: where they end, what cannot be read, how much is in memory."""

from __future__ import annotations

import io
import tracemalloc

import pytest

from nlpx.errors import DataError
from nlpx.inference import lines as module
from nlpx.inference.lines import read_lines


@pytest.mark.parametrize(
    ("raw", "texts"),
    [
        (b"", []),
        ("\ufeff一\r\n\r\n三".encode(), ["一", "", "三"]),
        ("一\u2028二\x85三\n".encode(), ["一\u2028二\x85三"]),
        ("😀👨‍👩‍👧\n".encode(), ["😀👨‍👩‍👧"]),
        (b"a\rb\n", ["a\rb"]),
    ],
)
def test_lines(raw: bytes, texts: list[str]) -> None:
    assert [line.text for line in read_lines(io.BytesIO(raw), "here")] == texts


def test_garbage_names_line_and_byte_and_keeps_its_place() -> None:
    raw = "好\n".encode() + b"ab\xff\x01\n" + "了\n".encode()
    found = list(read_lines(io.BufferedReader(io.BytesIO(raw)), "here"))
    assert [(line.id, line.text) for line in found] == [("1", "好"), ("2", ""), ("3", "了")]
    assert found[1].error.startswith(
        "here:2: byte 3 of this line (0xff) is not UTF-8. Expected UTF-8 text; give --encoding gb18030, for"
    )
    assert [found[0].error, found[2].error] == ["", ""]


def test_ids_come_from_the_input_when_asked() -> None:
    raw = "甲\t春风\n乙\t\n\n没有\n丙\t秋\t月\n".encode() + "丁\t".encode() + b"\xff\n"
    found = list(read_lines(io.BytesIO(raw), "here", with_ids=True))
    assert [(line.id, line.text) for line in found] == [
        ("甲", "春风"),
        ("乙", ""),
        ("", ""),
        ("4", ""),
        ("丙", "秋\t月"),
        ("丁", ""),
    ]
    assert found[3].error.startswith("here:4: this line contains no tab")
    assert found[5].error.startswith("here:6: byte 5 of this line (0xff) is not UTF-8")
    assert not found[0].error + found[1].error + found[2].error + found[4].error


def test_a_line_of_the_greatest_length_and_a_longer_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LONGEST_LINE", 10)
    raw = b"0123456789\n0123456789x\n" + b"y" * 95 + b"\nlast"
    found = list(read_lines(io.BytesIO(raw), "here"))
    assert [line.text for line in found] == ["0123456789", "", "", "last"]
    assert found[1].error.startswith("here:2: this line is longer than 10 bytes")
    assert found[2].error.startswith("here:3: this line is longer than 10 bytes")


class Zeros(io.RawIOBase):
    """A device without a line and without an end."""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # any buffer
        buffer[:] = bytes(len(buffer))
        return len(buffer)


def test_a_line_without_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LONGEST_LINE", 1 << 16)
    monkeypatch.setattr(module, "LONGEST_SKIPPED", 1 << 24)
    tracemalloc.start()
    found = list(read_lines(io.BufferedReader(Zeros()), "/dev/zero"))
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert [line.id for line in found] == ["1"]
    assert "/dev/zero:1: this line is longer than 65,536 bytes" in found[0].error
    assert most < 1 << 23


def test_a_stream_that_breaks() -> None:
    class Broken(Zeros):
        def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # any buffer
            raise OSError(5, "Input/output error")

    with pytest.raises(DataError, match="there: cannot be read further: Input/output error"):
        list(read_lines(io.BufferedReader(Broken()), "there"))
