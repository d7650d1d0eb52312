"""Groups of paraphrases."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar, Literal

from pydantic import PrivateAttr

from nlpx.components.sources.tables import TableFiles
from nlpx.core.counted import counted
from nlpx.data.keys import key
from nlpx.data.records import BadRow, Question, Record, cells_of
from nlpx.errors import DataError


class Groups(TableFiles):
    """Groups of paraphrases: one sentence per line with the name of its group.

    Options:
        valid: file of the validation split; default: hold out whole groups with at least `holdout` rows of
            train.
        holdout: number of training rows to hold out for validation, in whole groups, if `valid` is not set.
        holdout_by: group, or topic: groups with similar sentences are held out together, so that what is
            selected on the validation split (checkpoint, weight of the lexical part) suits questions of a
            kind that was not trained on. A topic has about 12 groups, some have many more, so that more
            than `holdout` rows may be held out; fewer than 24 groups are one topic.
    Shapes: questions (group_id, text).
    Data: lines `group_id<TAB>sentence` in any order, or the columns or fields group and sentence (`columns`).
        UTF-8 or `encoding`; `.gz`, `.xz`, `.zst` and `.zip` are decompressed. Training
        groups with a single sentence are bad rows.
    Relations: for the task similarity.
    Reference: kexue.fm archive 5743 (the corpus of the article is private).
    Example:
        data:
          root: corpora
          source: {type: groups, train: similarity/groups_train.tsv.gz, holdout: 2000}
    """

    record: ClassVar[str] = Question.kind
    line_columns: ClassVar[tuple[str, ...]] = ("group", "sentence")

    type: Literal["groups"] = "groups"
    holdout_by: Literal["group", "topic"] = "group"

    _alone: frozenset[str] | None = PrivateAttr(None)

    def rows(self, split: str) -> Iterator[Record | BadRow]:
        rows = super().rows(split)
        return self._with_company(rows) if split == "train" else rows

    def read(self, paths: list[Path]) -> Iterator[Question | BadRow]:
        for where, row in self.cells(paths):
            cells = cells_of(where, row, "one, between group and sentence", "group", "sentence")
            yield cells if isinstance(cells, BadRow) else Question(where, *cells)

    def choose(self, paths: list[Path], count: int) -> tuple[dict[int, Record], int]:
        sizes = self._sizes(paths)
        by_hash = sorted(sizes, key=lambda group: (key(group), group))
        kinds = self._topics(paths, by_hash) if self.holdout_by == "topic" else [[name] for name in by_hash]
        chosen: set[str] = set()
        rows = 0
        for kind in kinds:
            if rows >= count:
                break
            chosen.update(kind)
            rows += sum(sizes[group] for group in kind)
        if self.holdout_by == "topic" and len(chosen) == len(sizes) > 0 and count < sizes.total():
            raise DataError(
                f"{paths[0]}: the {len(sizes)} groups have {counted(len(kinds), 'topic')}, and "
                f"data.source.holdout_by: topic takes all of them to hold out {counted(count, 'row')}, which "
                "leaves none to train on. Lower holdout, or set holdout_by: group."
            )
        held_out: dict[int, Record] = {
            index: row
            for index, row in enumerate(self.read(paths))
            if isinstance(row, Question) and row.group_id in chosen
        }
        return held_out, sizes.total()

    def _topics(self, paths: list[Path], groups: list[str]) -> list[list[str]]:
        """The groups by topic, in the order of the first group of each."""
        from nlpx.text.topics import topics

        texts: dict[str, list[str]] = {group: [] for group in groups}
        for row in self.read(paths):
            if isinstance(row, Question):
                texts[row.group_id].append(row.text)
        labels = topics(["".join(sentences) for sentences in texts.values()])
        kinds: dict[int, list[str]] = {}
        for group, label in zip(groups, labels.tolist(), strict=True):
            kinds.setdefault(label, []).append(group)
        return list(kinds.values())

    def _sizes(self, paths: list[Path]) -> Counter[str]:
        """The number of sentences of each group."""
        return Counter(row.group_id for row in self.read(paths) if isinstance(row, Question))

    def _with_company(self, rows: Iterator[Record | BadRow]) -> Iterator[Record | BadRow]:
        """The training rows; those of groups with a single sentence are bad rows."""
        if self._alone is None:
            sizes = self._sizes(self.paths("train"))
            self._alone = frozenset(group for group, size in sizes.items() if size == 1)
        for row in rows:
            if isinstance(row, Question) and row.group_id in self._alone:
                reason = f"the group {row.group_id} has one sentence; expected two or more that mean the same"
                yield BadRow(row.where, reason)
            else:
                yield row
