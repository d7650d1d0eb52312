"""Word-segmented text."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar, Literal

from nlpx.components.sources.base import FileSource
from nlpx.data.formats.look import recognized
from nlpx.data.formats.texts import WORDS
from nlpx.data.records import BadRow, Sentence

SEPARATORS = str.maketrans({"\t": " ", "\u3000": " "})


class SegmentedText(FileSource):
    """Word-segmented text: one sentence per line, words separated by one or more blanks or tabs.

    Options: none of its own.
    Shapes: sentences (words).
    Data: UTF-8, also `.gz` and `.xz`; CRLF, a byte order mark and the ideographic space are accepted;
        empty lines are skipped.
    Relations: for the task segmentation.
    Reference: the format of the SIGHAN 2005 bakeoff.
    Example:
        data:
          root: corpora
          source: {type: segmented_text, train: icwb2-data/training/pku_training.utf8, holdout: 1000}
    """

    record: ClassVar[str] = Sentence.kind

    type: Literal["segmented_text"] = "segmented_text"

    def read(self, paths: list[Path]) -> Iterator[Sentence | BadRow]:
        for where, line in self.lines(paths):
            # split(" ") rather than split(), because other Unicode blanks are characters of the text.
            words = tuple(word for word in line.translate(SEPARATORS).split(" ") if word)
            if words:
                yield Sentence(where, words)

    def warnings(self, split: str | None = None) -> list[str]:
        files = dict.fromkeys(path for paths in self.paths_of(split) for path in paths)
        return list(filter(None, (recognized(path, (), WORDS) for path in files)))
