"""Scored pairs of sentences."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar, Literal

from nlpx.components.sources.tables import TableFiles
from nlpx.data.keys import key
from nlpx.data.pair_groups import connect
from nlpx.data.records import BadRow, Record, ScoredPair, cells_of
from nlpx.errors import DataError

GREATEST = (2 - 2**-23) * 2.0**127
"""Largest 32-bit number."""


class ScoredPairs(TableFiles):
    """Pairs of sentences with similarity scores.

    Options:
        holdout: number of training rows to hold out for validation if `valid` is not set. They share no
            sentence with the remaining rows, so they are rows whose sentences occur in few others.
    Shapes: scored pairs (first, second, score).
    Data: lines `first<TAB>second<TAB>score`, or the columns or fields first, second and score (`columns`).
        UTF-8 or `encoding`; `.gz`, `.xz`, `.zst` and `.zip` are decompressed. Scores
        are finite numbers, including labels 0 and 1; higher means more similar.
    Relations: for the task similarity, with a loss and metrics for scored pairs.
    Reference: the format of STS-B (Cer et al. 2017, arXiv 1708.00055), LCQMC, BQ.
    Example:
        data:
          root: corpora
          source: {type: scored_pairs, train: similarity/stsb_train.tsv.gz, holdout: 500}
        loss: cosent
        metrics: [correlation]
        checkpoint: {monitor: valid/spearman}
    """

    record: ClassVar[str] = ScoredPair.kind
    line_columns: ClassVar[tuple[str, ...]] = ("first", "second", "score#")

    type: Literal["scored_pairs"] = "scored_pairs"

    def read(self, paths: list[Path]) -> Iterator[ScoredPair | BadRow]:
        return (_row(where, cells) for where, cells in self.cells(paths))

    def choose(self, paths: list[Path], count: int) -> tuple[dict[int, Record], int]:
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
        held_out: dict[int, Record] = {
            index: row for index, row in good() if name.get(row.first, row.first) in chosen
        }
        return held_out, sizes.total()


def _row(where: str, row: list[str] | str) -> ScoredPair | BadRow:
    names = "first sentence", "second sentence", "score"
    cells = cells_of(where, row, "two, between two sentences and their score", *names)
    if isinstance(cells, BadRow):
        return cells
    first, second, number = cells
    try:
        score = float(number)
    except ValueError:
        return BadRow(where, f"the score {number!r} is not a number")
    if not abs(score) <= GREATEST:
        return BadRow(where, f"the score {number} is not a finite 32-bit number")
    return ScoredPair(where, first, second, score)
