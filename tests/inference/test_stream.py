from __future__ import annotations

import csv
import io
import json
from collections.abc import Container, Iterator, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlpx.errors import DataError
from nlpx.inference.stream import Line, answer_lines, read_lines, render
from nlpx.tasks.base import Answer, Answerer, Example


class Reverser(Answerer[str, Example]):
    """Answers a text by its reverse, and remembers how much it was given at once."""

    def __init__(self) -> None:
        self.largest = 0

    def answer(self, texts: Sequence[str]) -> list[Answer]:
        self.largest = max(self.largest, len(texts))
        return [Answer(text[::-1], {"lower": text[::-1]}) for text in texts]

    def examples(self, rows: Sequence[str], known: Container[str]) -> list[Example]:
        return []


def test_every_line_is_answered_in_order_and_few_are_held() -> None:
    taken = 0

    def endless() -> Iterator[Line]:
        nonlocal taken
        while True:
            taken += 1
            yield Line(str(taken), f"第{taken}行" if taken % 3 else "")

    reverser = Reverser()
    stream = answer_lines(reverser, endless(), at_once=4)
    answered = [next(stream) for _ in range(10)]
    assert [line.id for line, _ in answered] == [str(i) for i in range(1, 11)]
    assert all(answer.text == line.text[::-1] for line, answer in answered)
    assert taken <= 12
    assert reverser.largest == 4


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


def test_garbage_names_line_and_byte() -> None:
    with pytest.raises(DataError, match=r"here:2: byte 3 of this line \(0xff\) is not UTF-8") as caught:
        list(read_lines(io.BytesIO(b"fine\nab\xff\x00\n"), "here"))
    assert caught.value.exit_code == 3


def test_ids_come_from_the_input_when_asked() -> None:
    lines = list(read_lines(io.BytesIO("甲\t春风\n乙\t\n".encode()), "here", with_ids=True))
    assert lines == [Line("甲", "春风"), Line("乙", "")]
    with pytest.raises(DataError, match="here:1: no tab"):
        list(read_lines(io.BytesIO(b"no id\n"), "here", with_ids=True))


@given(st.text(st.characters(codec="utf-8", exclude_characters="\n\r\0")))
def test_formats_can_be_read_back(text: str) -> None:
    line, answer = Line("7", text), Answer(text[::-1], {"lower": text[::-1]})
    assert render(line, answer, "text") == text[::-1]
    assert json.loads(render(line, answer, "jsonl")) == {"id": "7", "text": text, "lower": text[::-1]}
    rendered = io.StringIO(render(line, answer, "tsv"), newline="")
    assert next(csv.reader(rendered, dialect="excel-tab")) == ["7", text, text[::-1]]
