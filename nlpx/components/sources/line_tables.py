"""Base class of sources that read lines of text, or columns of a table."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

from nlpx.components.sources.tables import TableFiles, TextFiles
from nlpx.data.formats.look import Look
from nlpx.data.tables import part_texts


class LinesOrTables(TableFiles):
    """A source whose rows are lines of text, or the columns of CSV, JSON lines, and TSV with `columns`."""

    table_columns: ClassVar[tuple[str, ...]] = ()
    """The columns of a table."""

    @property
    def parts(self) -> tuple[str, ...]:
        return self.table_columns

    def is_table(self, path: Path) -> bool:
        """Whether a file has columns, as its name or an option says."""
        return bool(self.columns) or self.format is not None or self.layout(path).format != "tsv"

    def texts(self, path: Path) -> Iterator[tuple[str, list[str] | str]]:
        """The position of each row of a table, and the text of each column, or why it is bad."""
        layout = self.layout(path)
        for where, fields in self.table(path):
            yield where, fields if isinstance(fields, str) else part_texts(fields, layout)

    def look(self, path: Path) -> Look:
        if self.is_table(path):
            return Look(path, self.parts, self.encoding, self.layout(path))
        return TextFiles.look(self, path)

    def looks_like(self, split: str) -> str:
        paths = self.paths(split)
        return super().looks_like(split) if all(map(self.is_table, paths)) else ""
