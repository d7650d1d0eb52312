from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Container, Iterable, Iterator, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlpx.errors import UsageError
from nlpx.inference import stream
from nlpx.inference.lines import Line
from nlpx.inference.rendering import Format, Rendering
from nlpx.inference.stream import PortionReader, looks_like_json, predictions
from nlpx.specs.predictor import Example, Prediction, Predictor


def not_a_pair(text: str) -> bool:
    """Whether no two surrogates stand beside each other as those of a character do; JSON makes it one."""
    return re.search("[\ud800-\udbff][\udc00-\udfff]", text) is None


class Reverser(Predictor[str, Example]):
    """Answers a text by its reverse, and remembers how much it was given at once."""

    def __init__(self) -> None:
        self.largest = 0

    def predict(self, texts: Sequence[str]) -> list[Prediction]:
        self.largest = max(self.largest, len(texts))
        return [Prediction(text[::-1], {"lower": text[::-1]}) for text in texts]

    def examples(self, rows: Sequence[str], known: Container[str]) -> list[Example]:
        return []


def predict_lines(
    predictor: Predictor[str, Example], lines: Iterable[Line], at_once: int
) -> Iterator[tuple[Line, Prediction]]:
    for portion in PortionReader(lines, at_once):
        yield from predictions(predictor, portion.lines)


def render(line: Line, prediction: Prediction, form: Format) -> str:
    return Rendering(form)(line, prediction)


def test_every_line_is_answered_in_order_and_few_are_held() -> None:
    taken = 0

    def endless() -> Iterator[Line]:
        nonlocal taken
        while True:
            taken += 1
            yield Line(str(taken), f"第{taken}行" if taken % 3 else "")

    reverser = Reverser()
    answers = predict_lines(reverser, endless(), at_once=4)
    answered = [next(answers) for _ in range(10)]
    assert [line.id for line, _ in answered] == [str(i) for i in range(1, 11)]
    assert all(answer.text == line.text[::-1] for line, answer in answered)
    assert taken <= 12
    assert reverser.largest == 4


def test_a_line_with_an_error_keeps_its_place() -> None:
    lines = [Line("1", "春风"), Line("2", "", "here:2: not UTF-8"), Line("3", "秋月")]
    answered = list(predict_lines(Reverser(), lines, at_once=2))
    assert [answer.text for _, answer in answered] == ["风春", "here:2: not UTF-8", "月秋"]
    assert [answer.failed for _, answer in answered] == [False, True, False]
    assert [render(*pair, "text") for pair in answered] == ["风春", "", "月秋"]
    assert [render(*pair, "tsv") for pair in answered] == ["1\t春风\t风春", "2\t\t", "3\t秋月\t月秋"]
    assert json.loads(render(*answered[1], "jsonl")) == {"id": "2", "text": "", "error": "here:2: not UTF-8"}


def test_few_characters_are_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "CHARACTERS_AT_ONCE", 10)
    reverser = Reverser()
    answered = list(predict_lines(reverser, [Line(str(i), "四个汉字") for i in range(7)], at_once=100))
    assert [line.id for line, _ in answered] == list("0123456")
    assert reverser.largest == 3


def test_a_reading_goes_on_after_what_was_read() -> None:
    lines = [Line(str(i), f"第{i}行", record={"a": i}) for i in range(7)]
    whole = list(PortionReader(lines, 3))
    assert [portion.end for portion in whole] == [3, 6, 7]
    rest = PortionReader(lines, 3)
    rest.skip(whole[0].end, whole[0].digest)
    assert list(rest) == whole[1:]


@pytest.mark.parametrize(
    "other",
    [Line("x", "第1行", record={"a": 1}), Line("1", "x", record={"a": 1}), Line("1", "第1行", record={})],
)
def test_a_reading_refuses_another_input(other: Line) -> None:
    lines = [Line(str(i), f"第{i}行", record={"a": i}) for i in range(7)]
    (portion, *_) = PortionReader(lines, 3)
    for input_ in ([lines[0], other, *lines[2:]], lines[:2]):
        with pytest.raises(UsageError, match="the first 3 lines of the input are not those"):
            PortionReader(input_, 3).skip(portion.end, portion.digest)


TEXTS = st.text(
    st.one_of(st.sampled_from('\t\r\n\0"\u2028\x85\v\f\x1c '), st.characters(exclude_categories=["Cs"]))
)
ANY_TEXTS = st.text(st.one_of(st.characters(), st.sampled_from(["\udc80", "\udcff", "\r", "\n"])))


@given(st.lists(st.tuples(TEXTS, TEXTS), min_size=1, max_size=4), st.sampled_from(["tsv", "csv"]))
def test_tables_are_read_back(pairs: list[tuple[str, str]], form: Format) -> None:
    file = "".join(
        render(Line(identity, text), Prediction(text[::-1]), form) + "\n" for identity, text in pairs
    )
    rows = list(csv.reader(io.StringIO(file, newline=""), delimiter="\t" if form == "tsv" else ","))
    assert rows == [[identity, text, text[::-1]] for identity, text in pairs]


@given(st.lists(st.tuples(TEXTS, ANY_TEXTS.filter(not_a_pair)), min_size=1, max_size=4))
def test_json_is_read_back(pairs: list[tuple[str, str]]) -> None:
    file = "".join(
        render(Line(identity, text), Prediction("", {"lower": text}), "jsonl") + "\n"
        for identity, text in pairs
    ).encode("utf-8")
    rows = [json.loads(line) for line in file.splitlines()]
    assert rows == [{"id": identity, "text": text, "lower": text} for identity, text in pairs]


@given(TEXTS)
def test_text_is_one_line(text: str) -> None:
    file = io.StringIO(render(Line("1", ""), Prediction(text), "text") + "\n", newline=None)
    assert len(list(file)) == 1
    if not {"\r", "\n"} & set(text):
        assert render(Line("1", ""), Prediction(text), "text") == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"text": "春风"}', True),
        ('{"text": "春风"', False),
        ("{春风}", False),
        ("[1]", False),
        ('{"a": ' * 100_000 + "}", False),
        ('{"a": ' + "9" * 5000 + "}", False),
        ("", False),
    ],
)
def test_what_looks_like_json(text: str, expected: bool) -> None:
    assert looks_like_json(text) is expected
