"""What a line and its prediction look like in the output."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from nlpx.core.printable import printable_json
from nlpx.inference.lines import Line
from nlpx.inference.records import PREDICTION
from nlpx.specs.predictor import Prediction

Format = Literal["text", "jsonl", "tsv", "csv"]
SEPARATORS = {"tsv": "\t", "csv": ","}
LINE_BREAK = re.compile(r"\r\n|[\r\n]")
NEEDS_QUOTES = {"\t": re.compile(r'[\t\r\n"]'), ",": re.compile(r'[,\r\n"]')}


@dataclass(frozen=True)
class Rendering:
    r"""Writes records of output.

    text: the prediction, with line breaks replaced by blanks. jsonl: `id`, `text` and the fields of the
    prediction. tsv and csv: id, text and prediction; values that contain a separator, a quote, \r or \n are
    quoted. A failed prediction is empty; in jsonl, a field `error` contains the reason.

    Attributes:
        form: the format.
        keep: write the record of the input instead of id and text, and all of the prediction under one name.
        columns: of the table that is kept.
        named: whether a table begins with the names of its columns.
    """

    form: Format = "text"
    keep: bool = False
    columns: tuple[str, ...] = ()
    named: bool = False

    @property
    def header(self) -> str:
        """The first line, with its end; empty if there is none."""
        if self.form not in SEPARATORS or not self.named:
            return ""
        return self._row([*(self.columns if self.keep else ("id", "text")), PREDICTION]) + "\n"

    def __call__(self, line: Line, prediction: Prediction) -> str:
        """One record of output, without its end of line."""
        text = "" if prediction.failed else prediction.text
        record = line.record or {}
        if self.form == "text":
            return LINE_BREAK.sub(" ", text)
        if self.form in SEPARATORS:
            kept = [str(record.get(column, "")) for column in self.columns]
            return self._row([*(kept if self.keep else (line.id, line.text)), text])
        failure = {"error": prediction.text} if prediction.failed else {}
        predicted = {**failure, **prediction.fields}
        whole = {**record, PREDICTION: predicted}
        # File names may contain surrogates for bytes that are not UTF-8.
        return printable_json(
            whole if self.keep else {"id": line.id, "text": line.text, **predicted}, indent=None
        )

    def _row(self, cells: list[str]) -> str:
        separator = SEPARATORS[self.form]
        special = NEEDS_QUOTES[separator]
        return separator.join(
            '"' + cell.replace('"', '""') + '"' if special.search(cell) else cell for cell in cells
        )
