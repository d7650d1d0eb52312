"""Base class of metrics that ask questions about words, whatever the records of the split."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

from pydantic import PrivateAttr

from nlpx.components.metrics.base import Metric
from nlpx.core.options import InputFile

NOT_OF_ROWS = "it is computed from questions about words, and not from rows of the split"
"""Why there are no intervals."""


class WordMetric(Metric):
    """Base class of metrics over the vectors of all words, which every example has."""

    file: InputFile | None = None

    _questions: Sequence[Any] | None = PrivateAttr(None)
    _vectors: Any = PrivateAttr(None)

    @staticmethod
    @abstractmethod
    def read(path: Path) -> Sequence[Any]:
        """The questions of a file; raises DataError."""

    @staticmethod
    @abstractmethod
    def of_sample(example: Any) -> Sequence[Any]:
        """The questions of the built-in sample."""

    def prepare(self) -> Self:
        ready = super().prepare()
        if self.file is not None:
            self.read(Path(self.file))
        return ready

    def fresh(self) -> Self:
        made = super().fresh()
        if self.file is not None:
            made._questions = self.read(Path(self.file))
        return made

    def update(self, example: Any) -> None:
        self._vectors = example.word_vectors
        if self.file is None:
            self._questions = self.of_sample(example)
