"""Pairs of sentences with a score."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

import numpy as np

from nlpx.data.keys import key
from nlpx.data.pair_groups import connect
from nlpx.data.rows import BadRow, Row, ScoredPair
from nlpx.data.sources.base import SplitFileSource
from nlpx.errors import DataError

GREATEST = float(np.finfo(np.float32).max)


class ScoredPairsSource(SplitFileSource):
    """`first<TAB>second<TAB>score` a line. Blanks around a sentence are dropped.

    Sentences that a chain of pairs connects are held out together, so that none stands on both sides: those
    sets whose least sentence has the smallest hash come first, and a set that is too large for what is still
    asked for is passed over. So at most `holdout` rows are held out, mostly of sentences that stand in one
    pair only.

    Args:
        train, valid, test: files; None where there is no such split.
        holdout: rows taken out of train as valid, where valid has no file.
        root: folder that files are relative to.
        task: unused; every source is told.
    """

    columns: ClassVar[tuple[str, ...]] = ("first", "second", "score#")

    def read(self, paths: list[Path]) -> Iterator[ScoredPair | BadRow]:
        for path in paths:
            for where, line in self.lines(path):
                yield _row(where, line)

    def choose(self, paths: list[Path], count: int) -> tuple[dict[int, Row], int]:
        def good() -> Iterator[tuple[int, ScoredPair]]:
            return ((i, row) for i, row in enumerate(self.read(paths)) if isinstance(row, ScoredPair))

        connected = connect((row.first, row.second, True) for _, row in good())
        name = {text: min(texts) for texts in connected.groups for text in texts}
        sizes = Counter(name.get(row.first, row.first) for _, row in good())
        chosen, rows = set(), 0
        for least in sorted(sizes, key=lambda least: (key(least), least)):
            if rows + sizes[least] <= count:
                chosen.add(least)
                rows += sizes[least]
        if sizes and not chosen:
            raise DataError(
                f"{paths[0]}: data.source.holdout asks for {count} rows, but the smallest set of rows that "
                f"shares no sentence with others has {min(sizes.values())}. "
                "Raise it, or give data.source.valid."
            )
        held_out: dict[int, Row] = {
            index: row for index, row in good() if name.get(row.first, row.first) in chosen
        }
        return held_out, sizes.total()


def _row(where: str, line: str) -> ScoredPair | BadRow:
    parts = [part.strip() for part in line.split("\t")]
    if len(parts) != 3:
        return BadRow(where, f"{len(parts) - 1} tabs; expected two, between two sentences and their score")
    first, second, number = parts
    if not first or not second:
        return BadRow(where, f"the {'second' if first else 'first'} sentence is empty")
    try:
        score = float(number)
    except ValueError:
        return BadRow(where, f"the score {number!r} is no number")
    if not abs(score) <= GREATEST:
        return BadRow(where, f"the score {number} is no finite number of 32 bits")
    return ScoredPair(where, first, second, score)
