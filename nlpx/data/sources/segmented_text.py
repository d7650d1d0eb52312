"""Sentences whose words are separated by blanks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from nlpx.data.looks_like import not_segmented
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
            for where, line in self.lines(path):
                # split(" "), not split(): other Unicode blanks are characters of the text.
                words = tuple(word for word in line.translate(SEPARATORS).split(" ") if word)
                if words:
                    yield Sentence(where, words)

    def warnings(self, split: str | None = None) -> list[str]:
        files = dict.fromkeys(path for paths in self.paths(split) for path in paths)
        return list(filter(None, map(not_segmented, files)))
