"""Sentences whose words are separated by blanks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from nlpx.data.files import read_lines
from nlpx.data.rows import BadRow, Sentence
from nlpx.data.sources.base import SplitFileSource

SEPARATORS = str.maketrans({"\t": " ", "\u3000": " "})


class SegmentedTextSource(SplitFileSource):
    """One sentence a line, words separated by blanks, tabs or ideographic spaces; empty lines are skipped.

    Args:
        train, valid, test: files; None where there is no such split.
        holdout: rows taken out of train as valid, where valid has no file.
        root: folder that files are relative to.
        task: unused; every source is told.
    """

    def read(self, paths: list[Path]) -> Iterator[Sentence | BadRow]:
        for path in paths:
            for number, line in enumerate(read_lines(path), start=1):
                # split(" "), not split(): other Unicode blanks are characters of the text.
                words = tuple(word for word in line.translate(SEPARATORS).split(" ") if word)
                if words:
                    yield Sentence(f"{path}:{number}", words)
