"""Word-segmented text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar, Literal

from nlpx.components.sources.line_tables import LinesOrTables
from nlpx.data.formats.look import recognized
from nlpx.data.formats.texts import WORDS
from nlpx.data.records import BadRow, Sentence

TAGGED = re.compile(r"\[?(.+?)/[A-Za-z]\w*(?:\]/?\w*)?", re.ASCII)
"""`word/tag`, the last slash before the tag; brackets around compounds are `[a/x b/y]/z` or `[a/x b/y]z`."""
SEPARATORS = str.maketrans({"\t": " ", "\u3000": " "})


class SegmentedText(LinesOrTables):
    """Word-segmented text: one sentence per line, words separated by one or more blanks or tabs.

    Options:
        tagged: words are `word/tag` with their parts of speech, and compounds `[a/x b/y]/z`, as in the
            corpora of the People's Daily; tags and the brackets of compounds are dropped.
    Shapes: sentences (words).
    Data: lines, or the column or field words (`columns`) of CSV, JSON lines, and TSV with `columns`. CRLF, a
        byte order mark and the ideographic space are accepted; empty lines are skipped. UTF-8 or `encoding`;
        `.gz`, `.xz`, `.zst` and `.zip` are decompressed.
    Relations: for the task segmentation.
    Reference: the format of the SIGHAN 2005 bakeoff; tags: kexue.fm archive 4114.
    Example:
        data:
          root: corpora
          source: {type: segmented_text, train: icwb2-data/training/pku_training.utf8, holdout: 1000}
    """

    record: ClassVar[str] = Sentence.kind
    table_columns: ClassVar[tuple[str, ...]] = ("words",)

    type: Literal["segmented_text"] = "segmented_text"
    tagged: bool = False

    def read(self, paths: list[Path]) -> Iterator[Sentence | BadRow]:
        for where, line in self._sentences(paths):
            if isinstance(line, BadRow):
                yield line
                continue
            # split(" ") rather than split(), because other Unicode blanks are characters of the text.
            words = tuple(word for word in line.translate(SEPARATORS).split(" ") if word)
            if words:
                yield self._untagged(where, words) if self.tagged else Sentence(where, words)

    def _sentences(self, paths: list[Path]) -> Iterator[tuple[str, str | BadRow]]:
        """The position of each row, and its text."""
        for path in paths:
            if not self.is_table(path):
                yield from self.lines([path])
                continue
            for where, cells in self.texts(path):
                yield where, BadRow(where, cells) if isinstance(cells, str) else cells[0]

    def _untagged(self, where: str, tokens: tuple[str, ...]) -> Sentence | BadRow:
        found = [TAGGED.fullmatch(token) for token in tokens]
        if None in found:
            return BadRow(where, f"{tokens[found.index(None)][:40]!r} has no tag; expected word/tag")
        return Sentence(where, tuple(match[1] for match in found if match))

    def warnings(self, split: str | None = None) -> list[str]:
        if self.tagged:
            return []
        files = dict.fromkeys(path for paths in self.paths_of(split) for path in paths)
        plain = [path for path in files if not self.is_table(path)]
        return list(filter(None, (recognized(self.look(path), WORDS) for path in plain)))
