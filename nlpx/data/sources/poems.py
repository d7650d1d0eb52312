"""Verses cut out of poems."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import ClassVar, Literal

from nlpx.core.suggest import one_of
from nlpx.data.rows import BadRow, Verse
from nlpx.data.sources.base import SplitFileSource
from nlpx.errors import DataError

COLUMNS = 4
LINE_LENGTHS = (5, 7)
COUPLET = re.compile(r"[^。！？；]+[。！？；]?")
COMMAS = re.compile("[，,、]")


class PoemsSource(SplitFileSource):
    """`form<TAB>title<TAB>author<TAB>text` a line; a verse is a couplet of it, or two couplets.

    A verse whose lines all have 5 or all have 7 characters loses its marks. Any other keeps them, so that
    its length cannot be taken for that of a regular one.

    Args:
        train, valid, test: files; None where there is no such split.
        unit: two lines a verse, or four.
        forms: the forms that are read; none reads all. Each is one of train.
        holdout: rows taken out of train as valid, where valid has no file.
        root: folder that files are relative to.
        task: unused; every source is told.
    """

    columns: ClassVar[tuple[str, ...]] = ("form", "title", "author", "text")

    def __init__(
        self,
        train: str,
        valid: str | None = None,
        test: str | None = None,
        unit: Literal["couplet", "quatrain"] = "couplet",
        forms: Sequence[str] | None = None,
        holdout: int = 0,
        *,
        root: Path,
        task: str = "",
    ) -> None:
        super().__init__(train, valid, test, holdout, root=root)
        self._couplets = 1 if unit == "couplet" else 2
        self._forms = frozenset(forms or ())

    def settings(self) -> str:
        return f"{super().settings()} couplets={self._couplets} forms={sorted(self._forms)}"

    def read(self, paths: list[Path]) -> Iterator[Verse | BadRow]:
        seen: set[str] = set()
        for path in paths:
            for where, line in self.lines(path):
                columns = line.split("\t")
                if len(columns) != COLUMNS:
                    what = f"{len(columns) - 1} tabs; expected three: form, title, author, text"
                    yield BadRow(where, what)
                    continue
                seen.add(form := columns[0].strip())
                if not self._forms or form in self._forms:
                    yield from self._verses(where, columns[3])
        missing = self._forms - seen
        if seen and missing and paths == self._files["train"]:
            raise DataError(
                f"{paths[0]}: no poem has the form {', '.join(sorted(missing))}; "
                f"there is {one_of(sorted(seen), 9)}. Correct data.source.forms."
            )

    def _verses(self, where: str, text: str) -> Iterator[Verse | BadRow]:
        couplets = COUPLET.findall("".join(text.split()))
        if not couplets:
            yield BadRow(where, "the text of the poem is empty")
        for start in range(0, len(couplets), self._couplets):
            yield Verse(where, self._regular(couplets[start : start + self._couplets]))

    def _regular(self, couplets: Sequence[str]) -> str:
        """The characters of a verse without its marks, or with them where the verse is not regular."""
        lines = [line for couplet in couplets for line in COMMAS.split(couplet.rstrip("。！？；"))]
        lengths = set(map(len, lines))
        regular = len(lines) == 2 * self._couplets and len(lengths) == 1 and lengths <= set(LINE_LENGTHS)
        return "".join(lines if regular else couplets)
