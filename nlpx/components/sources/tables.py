"""Base classes of sources that read text files, in any character set, and tables."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, ClassVar, Self

from pydantic import Field, PositiveInt, model_validator
from pydantic_core import PydanticCustomError

from nlpx.components.sources.base import FileSource
from nlpx.core.suggest import did_you_mean, one_of
from nlpx.data.files import filled_lines
from nlpx.data.formats.character_sets import Encoding
from nlpx.data.formats.look import Look, recognized
from nlpx.data.formats.texts import COLUMNS, NAMED_JSON
from nlpx.data.json_lines import Fields
from nlpx.data.tables import (
    SEPARATORS,
    Format,
    TableLayout,
    named_format,
    part_texts,
    read_cells,
    read_table,
)

Name = Annotated[str, Field(min_length=1)]


class TextFiles(FileSource):
    """A source that reads text files in any character set.

    Options:
        encoding: character set of the files: utf-8, gb18030 (which includes GBK), big5 or utf-16. UTF-16 with
            a byte order mark, as Excel writes it, is recognized without this option.
    """

    encoding: Encoding = "utf-8"

    def look(self, path: Path) -> Look:
        return Look(path, self.line_columns, self.encoding)

    def lines(self, paths: list[Path]) -> Iterator[tuple[str, str]]:
        for path in paths:
            yield from filled_lines(path, self.blank_counter(path), self.encoding)


class TableFiles(TextFiles):
    """A source that reads rows with columns from TSV, CSV or JSON lines.

    Options:
        columns: where each column is: its name in the header (or of the field in JSON), or its number from 1
            in files without a header. With names, the first line is the header, and columns that are not
            listed have the same name there. Default: all columns in their order, without a header.
        format: tsv; csv, where cells can be quoted and contain separators and line breaks; or jsonl.
            Default: by the suffix of the file, `.csv`, `.jsonl` or `.json`, otherwise tsv.
        separator: the character between columns; default: a tab in tsv, a comma in csv.
    """

    optional_columns: ClassVar[tuple[str, ...]] = ()
    """Columns that files with a header need not have."""

    columns: Annotated[dict[Name, Name | PositiveInt], Field(min_length=1)] | None = None
    format: Format | None = None
    separator: Annotated[str, Field(min_length=1, max_length=1, pattern=r'[^"\r\n]')] | None = None

    @model_validator(mode="after")
    def _known_columns(self) -> Self:
        columns, parts = self.columns or {}, self.parts
        for name in columns:
            if name not in parts:
                advice = did_you_mean(name, parts) or f"expected {one_of(parts)}"
                raise PydanticCustomError(
                    "unknown_column",
                    "there is no column {name} in `columns`: {advice}",
                    {"name": name, "advice": advice},
                )
        numbers = [column for column in columns.values() if isinstance(column, int)]
        missing = [part for part in parts if part not in columns and part not in self.optional_columns]
        if numbers and len(numbers) < len(columns):
            raise PydanticCustomError("mixed_columns", "`columns` are all names, or all numbers")
        if numbers and missing:
            raise PydanticCustomError(
                "missing_columns", "`columns` lacks the number of {missing}", {"missing": ", ".join(missing)}
            )
        if self.separator and self.format == "jsonl":
            raise PydanticCustomError("no_separator", "JSON lines have no separator: remove it")
        return self

    @property
    def parts(self) -> tuple[str, ...]:
        """The names of the columns in `columns`."""
        return tuple(name.removesuffix("#") for name in self.line_columns)

    def layout(self, path: Path) -> TableLayout:
        """How the rows of a file are written."""
        chosen = self.format or named_format(path)
        return TableLayout(
            self.parts,
            chosen,
            self.separator or SEPARATORS[chosen],
            self.columns or {},
            self.optional_columns,
            self.encoding,
        )

    def table(self, path: Path) -> Iterator[tuple[str, Fields | str]]:
        """The position of each row of a file, and its fields or why it is bad."""
        return read_table(path, self.layout(path), self.blank_counter(path))

    def cells(self, paths: list[Path]) -> Iterator[tuple[str, list[str] | str]]:
        """The position of each row of files, and its columns in their order, or why it is bad.

        Rows of a plain TSV file may have another number of columns.
        """
        for path in paths:
            layout = self.layout(path)
            if layout.format == "tsv" and not layout.columns:
                yield from read_cells(path, layout, self.blank_counter(path))
                continue
            for where, fields in self.table(path):
                yield where, fields if isinstance(fields, str) else part_texts(fields, layout)

    def look(self, path: Path) -> Look:
        return Look(path, self.line_columns, self.encoding, self.layout(path))

    def looks_like(self, split: str) -> str:
        paths = self.paths(split)
        if len(paths) > 1:
            return ""
        is_json = self.layout(paths[0]).format == "jsonl"
        return recognized(self.look(paths[0]), NAMED_JSON if is_json else COLUMNS)
