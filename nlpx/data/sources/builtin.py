"""The samples that ship with nlpx."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

from nlpx.data.rows import Article, Pair, Picture, Question, Row, ScoredPair, Sentence, Verse
from nlpx.data.samples import SAMPLES
from nlpx.data.samples.dogs import draw
from nlpx.data.sources.base import SPLITS, Source
from nlpx.errors import ConfigError


class BuiltinSource(Source):
    """A small corpus written for nlpx; its rows say whether they are generated or written by hand.

    Args:
        name: which sample; None takes the one named like the task.
        holdout: unused; samples have their own splits.
        root: unused; samples need no folder.
        task: the task that reads the rows.

    Raises:
        ConfigError: there is no such sample.
    """

    def __init__(self, name: str | None = None, holdout: int = 0, *, root: Path, task: str) -> None:
        self._name = name or task
        if self._name not in SAMPLES:
            known = ", ".join(SAMPLES)
            raise ConfigError(f"data.source.name: there is no sample {self._name!r}. Choose one of {known}.")
        self._sample = SAMPLES[self._name]

    def splits(self) -> tuple[str, ...]:
        return SPLITS

    def rows(self, split: str) -> Iterator[Row]:
        if split not in SPLITS:
            raise self.missing(split)
        return self._rows(split)

    def fingerprint(self, split: str) -> str:
        digest = hashlib.sha256()
        for row in self._sample.rows(split):
            digest.update("\t".join([row.group, *row.parts, "\n"]).encode())
        return digest.hexdigest()

    def _rows(self, split: str) -> Iterator[Row]:
        for number, row in enumerate(self._sample.rows(split), start=1):
            where = f"builtin {self._name} {split}:{number}"
            if self._sample.kind == "pairs":
                yield Pair(where, row.parts[0], row.parts[1], row.group)
            elif self._sample.kind == "verses":
                yield Verse(where, row.parts[0], row.group)
            elif self._sample.kind == "groups":
                yield Question(where, row.parts[0], row.parts[1], row.group)
            elif self._sample.kind == "scored":
                yield ScoredPair(where, row.parts[0], row.parts[1], float(row.parts[2]), row.group)
            elif self._sample.kind == "pictures":
                label, recipe = row.parts
                yield Picture(where, recipe, label, row.group, draw(label, recipe))
            elif self._sample.kind == "articles":
                yield Article(where, row.parts[0], row.parts[1], row.group)
            else:
                yield Sentence(where, row.parts, row.group)
