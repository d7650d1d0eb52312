"""What a file of text seems to be: compression, character set, format, header, rows."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from nlpx.core.files import open_regular
from nlpx.data.decoding import MARKS, Declared
from nlpx.data.files import peek
from nlpx.data.formats.character_sets import Encoding, guess
from nlpx.data.formats.columns import SEPARATORS, csv_rows, quoted
from nlpx.data.formats.headings import is_header
from nlpx.data.formats.look import Look, most
from nlpx.data.json_lines import plain_text, read_object
from nlpx.data.packed import compression
from nlpx.data.tables import Format
from nlpx.errors import DataError

UTF_8_MARK = b"\xef\xbb\xbf"


@dataclass(frozen=True)
class Identified:
    """What a file seems to be.

    Attributes:
        path: the file.
        compression: gzip, xz, zstd or ZIP; empty if it is not compressed.
        encoding: the character set.
        charset: the same in words, and how it is known.
        guessed: whether the character set is a guess, so that a config has to declare it.
        format: tsv, csv or jsonl; None for one text per line.
        separator: the character between columns.
        rows: the cells of the first rows, with the header if there is one; of JSON, the fields in its order.
        header: the names of columns or fields, if there are any.
        lines: the first lines that are not blank.
    """

    path: Path
    compression: str
    encoding: Encoding
    charset: str
    guessed: bool
    format: Format | None
    separator: str
    rows: Sequence[Sequence[str]]
    header: Sequence[str]
    lines: Sequence[str]

    @property
    def body(self) -> Sequence[Sequence[str]]:
        """The first rows without the header, all with the same number of cells."""
        rows = self.rows[1:] if self.header and self.format != "jsonl" else self.rows
        return [row for row in rows if len(row) == len(self.rows[0])]


def identify(path: Path, declared: Encoding | None = None) -> Identified:
    """Look at the beginning of a file.

    Args:
        declared: the character set, if it is known.

    Raises:
        DataError: it cannot be read, has no text, or is in a form that no source reads, with advice.
    """
    start = peek(path)
    encoding, charset, guessed = _character_set(start, declared, path)
    option = encoding if guessed or declared else None
    look = Look(path, (), option and Declared(option, "--encoding"))
    look.expect_lines()
    if re.match(r'\[\s*[\[{"]', look.text):
        raise DataError(
            f"{path}: this is a JSON array. Expected one object per line: `jq -c '.[]' OLD > NEW.jsonl`."
        )
    with open_regular(path) as file:
        packed = compression(file.read(8))
    known = path, packed, encoding, charset, guessed
    objects = [read_object(line) for line in look.lines]
    if look.text.startswith("{") and most(isinstance(found, dict) for found in objects):
        fields = [found for found in objects if isinstance(found, dict)]
        names = list(dict.fromkeys(name for found in fields for name in found))
        rows = [[plain_text(found.get(name)) or "" for name in names] for found in fields]
        return Identified(*known, "jsonl", "", rows, names, look.lines)
    written, separator, cells = _table(look)
    header = [cell.strip() for cell in cells[0]] if written and is_header(cells) else []
    return Identified(*known, written, separator, cells, header, look.lines)


def _character_set(start: bytes, declared: Encoding | None, path: Path) -> tuple[Encoding, str, bool]:
    """The character set, in words, and whether it is a guess."""
    if declared is not None:
        return declared, f"{declared}, as declared", True
    marked = MARKS.get(start[:2])
    if marked:
        return marked, "UTF-16 with a byte order mark", False
    try:
        start[: start.rfind(b"\n") + 1 or None].decode("utf-8")
    except UnicodeDecodeError as error:
        found = guess(start)
        if found is None and error.start > len(start) - 4:  # a line that is longer than what is read
            return "utf-8", "UTF-8", False
        if found is None:
            raise DataError(
                f"{path}: byte {error.start + 1} is not UTF-8, and the file does not look like Chinese text "
                "in GB18030, Big5 or UTF-16. Declare its character set with --encoding, or name another file."
            ) from None
        return found.encoding, f"probably {found.name}: it is not UTF-8, and reads as usual Chinese", True
    return "utf-8", f"UTF-8{' with a byte order mark' if start.startswith(UTF_8_MARK) else ''}", False


def _table(look: Look) -> tuple[Format | None, str, Sequence[Sequence[str]]]:
    """The format, the separator and the rows; None as format if the lines have no columns."""
    if most("\t" in line for line in look.lines):
        spreadsheet = Look(look.path, ("", ""), look.encoding)
        if quoted(spreadsheet):
            return "csv", "\t", csv_rows(look.lines, "\t", 2)
        return "tsv", "\t", look.rows
    for separator in SEPARATORS:
        rows = csv_rows(look.lines, separator, 2)
        if rows:
            return "csv", separator, rows
    return None, "", [[line] for line in look.lines]
