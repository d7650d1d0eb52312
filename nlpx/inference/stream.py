"""Answer a stream of lines: constant memory, same order, every line answered, blank ones too."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import BinaryIO, Literal

from nlpx.errors import DataError
from nlpx.inference.evaluate import chunks
from nlpx.tasks.base import Answer, Answerer, Composer, ExampleT, RowT

Format = Literal["text", "jsonl", "tsv"]


@dataclass(frozen=True, slots=True)
class Line:
    """One text to answer, without its end of line; the id is its number, or what the input says."""

    id: str
    text: str


def read_lines(stream: BinaryIO, name: str, *, with_ids: bool = False) -> Iterator[Line]:
    r"""Lines of a UTF-8 stream; only \n ends a line, and a \r before it belongs to the end.

    Args:
        stream: bytes.
        name: what error messages call it.
        with_ids: a line is `id<TAB>text`.

    Raises:
        DataError: bytes that are not UTF-8, or a line without a tab where an id is expected.
    """
    for number, raw in enumerate(stream, start=1):
        if number == 1:
            raw = raw.removeprefix(b"\xef\xbb\xbf")
        try:
            text = raw.removesuffix(b"\n").removesuffix(b"\r").decode("utf-8")
        except UnicodeDecodeError as error:
            raise DataError(
                f"{name}:{number}: byte {error.start + 1} of this line ({raw[error.start]:#04x}) "
                "is not UTF-8. "
                "Expected UTF-8 text; convert it first, for example with `iconv -f GB18030 -t UTF-8`."
            ) from None
        identity = str(number)
        if with_ids:
            identity, tab, text = text.partition("\t")
            if not tab:
                raise DataError(f"{name}:{number}: no tab in this line; with --ids a line is `id<TAB>text`.")
        yield Line(identity, text)


def answer_lines(
    answerer: Answerer[RowT, ExampleT], lines: Iterable[Line], at_once: int
) -> Iterator[tuple[Line, Answer]]:
    """Every line with its answer, in order, `at_once` lines in memory."""
    for chunk in chunks(lines, at_once):
        yield from zip(chunk, answerer.answer([line.text for line in chunk]), strict=True)


def composed_lines(composer: Composer, count: int, seed: int) -> Iterator[tuple[Line, Answer]]:
    """Texts made out of nothing, numbered, each with an empty line for what was asked."""
    for number, answer in enumerate(composer.compose(count, seed), start=1):
        yield Line(str(number), ""), answer


def render(line: Line, answer: Answer, form: Format) -> str:
    """One line of output without its end.

    text: the answer alone. jsonl: `id`, `text` and the fields of the answer. tsv: id, text, answer, quoted
    as spreadsheets do where a value holds a tab or a quote.
    """
    if form == "text":
        return answer.text
    if form == "jsonl":
        return json.dumps({"id": line.id, "text": line.text, **answer.fields}, ensure_ascii=False)
    out = io.StringIO()
    csv.writer(out, dialect="excel-tab", lineterminator="").writerow([line.id, line.text, answer.text])
    return out.getvalue()
