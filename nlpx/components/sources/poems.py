"""Verses of poems."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import ClassVar, Literal

from nlpx.components.sources.tables import TableFiles
from nlpx.core.suggest import one_of
from nlpx.data.records import BadRow, Verse
from nlpx.errors import DataError

COLUMNS = 4
LINE_LENGTHS = (5, 7)
COUPLET = re.compile(r"[^。！？；]+[。！？；]?")
COMMAS = re.compile("[，,、]")


class Poems(TableFiles):
    """Poems, one per line, split into verses with lines of equal length.

    Options:
        unit: number of lines of a verse, two (couplet) or four (quatrain); poems are split at full stops. The
            rest of a poem after splitting into quatrains is never used.
        forms: read only poems of these forms (first column); default: all.
    Shapes: verses of 10 or 14 (couplet), 20 or 28 characters (quatrain), without punctuation.
    Data: lines `form<TAB>title<TAB>author<TAB>text`, or the columns or fields of these names (`columns`), of
        which only text is required. A comma is between the lines of a couplet and a full stop (or `！`, `？`,
        `；`) after it. Verses of other forms keep their punctuation; the task only counts them.
        UTF-8 or `encoding`; `.gz`, `.xz`, `.zst` and `.zip` are decompressed.
    Relations: for the task poem, which uses the verses of `data.length` characters.
    Reference: kexue.fm archive 5332.
    Example:
        data:
          root: corpora
          source: {type: poems, train: poem/train.tsv.gz, forms: [五律, 五绝], holdout: 2000}
    """

    record: ClassVar[str] = Verse.kind
    line_columns: ClassVar[tuple[str, ...]] = ("form", "title", "author", "text")
    optional_columns: ClassVar[tuple[str, ...]] = ("form", "title", "author")

    type: Literal["poems"] = "poems"
    unit: Literal["couplet", "quatrain"] = "couplet"
    forms: list[str] | None = None

    def read(self, paths: list[Path]) -> Iterator[Verse | BadRow]:
        forms, seen = frozenset(self.forms or ()), set[str]()
        for where, columns in self.cells(paths):
            if isinstance(columns, str):
                yield BadRow(where, columns)
                continue
            if len(columns) != COLUMNS:
                yield BadRow(where, f"{len(columns) - 1} tabs; expected three: form, title, author, text")
                continue
            seen.add(form := columns[0].strip())
            if not forms or form in forms:
                yield from self._verses(where, columns[3])
        missing = forms - seen
        if seen and missing and paths == self.paths("train"):
            raise DataError(
                f"{paths[0]}: no poem has the form {', '.join(sorted(missing))}; "
                f"there is {one_of(sorted(seen), 9)}. Correct data.source.forms."
            )

    def _verses(self, where: str, text: str) -> Iterator[Verse | BadRow]:
        couplets, unit = COUPLET.findall("".join(text.split())), self._couplets
        if not couplets:
            yield BadRow(where, "the text of the poem is empty")
        for start in range(0, len(couplets), unit):
            yield Verse(where, self._regular(couplets[start : start + unit]))

    @property
    def _couplets(self) -> int:
        """Number of couplets of a verse."""
        return 1 if self.unit == "couplet" else 2

    def _regular(self, couplets: Sequence[str]) -> str:
        """The characters of a verse, without punctuation if it is regular."""
        lines = [line for couplet in couplets for line in COMMAS.split(couplet.rstrip("。！？；"))]
        lengths = set(map(len, lines))
        regular = len(lines) == 2 * self._couplets and len(lengths) == 1 and lengths <= set(LINE_LENGTHS)
        return "".join(lines if regular else couplets)
