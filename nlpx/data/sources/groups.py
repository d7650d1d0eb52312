"""Groups of sentences that mean the same."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

from nlpx.data.keys import key
from nlpx.data.rows import BadRow, Question, Row
from nlpx.data.sources.base import SplitFileSource


class GroupsSource(SplitFileSource):
    """`group_id<TAB>sentence` a line, in any order. Blanks around both are dropped.

    A sentence of train that is alone in its group teaches nothing: it is a bad row. In other splits it stays,
    as one that others can be mistaken for. What is held out are whole groups, those whose id has the smallest
    hash, until they have the rows that are asked for; so no group stands on both sides.

    Args:
        train, valid, test: files; None where there is no such split.
        holdout: least number of rows taken out of train as valid, where valid has no file.
        root: folder that files are relative to.
        task: unused; every source is told.
    """

    columns: ClassVar[tuple[str, ...]] = ("group", "sentence")
    _alone: frozenset[str] | None = None

    def rows(self, split: str) -> Iterator[Row | BadRow]:
        rows = super().rows(split)
        return self._with_company(rows) if split == "train" else rows

    def read(self, paths: list[Path]) -> Iterator[Question | BadRow]:
        for path in paths:
            for where, line in self.lines(path):
                parts = line.split("\t")
                if len(parts) != 2:
                    yield BadRow(where, f"{len(parts) - 1} tabs; expected one, between group and sentence")
                    continue
                group, text = parts[0].strip(), parts[1].strip()
                if not group or not text:
                    yield BadRow(where, f"the {'sentence' if group else 'group'} is empty")
                else:
                    yield Question(where, group, text)

    def choose(self, paths: list[Path], count: int) -> tuple[dict[int, Row], int]:
        sizes = self._sizes(paths)
        chosen, rows = set(), 0
        for group in sorted(sizes, key=lambda group: (key(group), group)):
            if rows >= count:
                break
            chosen.add(group)
            rows += sizes[group]
        held_out: dict[int, Row] = {
            index: row
            for index, row in enumerate(self.read(paths))
            if isinstance(row, Question) and row.group_id in chosen
        }
        return held_out, sizes.total()

    def _sizes(self, paths: list[Path]) -> Counter[str]:
        """The number of sentences of every group."""
        return Counter(row.group_id for row in self.read(paths) if isinstance(row, Question))

    def _with_company(self, rows: Iterator[Row | BadRow]) -> Iterator[Row | BadRow]:
        """The rows of train; bad are those of groups with one member."""
        if self._alone is None:
            sizes = self._sizes(self._files["train"])
            self._alone = frozenset(group for group, size in sizes.items() if size == 1)
        for row in rows:
            if isinstance(row, Question) and row.group_id in self._alone:
                reason = f"the group {row.group_id} has one sentence; expected two or more that mean the same"
                yield BadRow(row.where, reason)
            else:
                yield row
