"""What reads the records of a task: which are good, what is counted in them, how they become arrays."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Generic, TypeVar

from nlpx.text.vocabulary import Vocabulary

if TYPE_CHECKING:
    import numpy as np

    from nlpx.specs.experiment import Experiment

Vocabularies = Mapping[str, Vocabulary]
RowT = TypeVar("RowT")


class Codec(ABC, Generic[RowT]):
    """From records to training items; it knows no model.

    Attributes:
        experiment: the config.
    """

    experiment: Experiment

    @property
    @abstractmethod
    def min_counts(self) -> Mapping[str, int]:
        """By vocabulary: the count below which a token is unknown."""

    @property
    @abstractmethod
    def max_sizes(self) -> Mapping[str, int | None]:
        """By vocabulary: the number of tokens kept; None keeps all."""

    @abstractmethod
    def settings(self) -> str:
        """A text that changes whenever the arrays of the same rows would."""

    @abstractmethod
    def check(self, row: RowT) -> str | None:
        """Why a row cannot be used; None if it can."""

    @abstractmethod
    def count(self, row: RowT) -> Mapping[str, Iterable[str]]:
        """The tokens of a row, by vocabulary."""

    def derive(self, rows: Iterable[RowT], vocabularies: Vocabularies) -> Vocabularies:
        """More vocabularies, which can only be counted when those of `count` are known.

        Args:
            rows: all training rows once more; not read where nothing is derived.
            vocabularies: those that are known.
        """
        return {}

    @abstractmethod
    def encode(self, row: RowT, vocabularies: Vocabularies) -> list[dict[str, np.ndarray]]:
        """The training items of a row: 1-D int32 arrays by feature. Empty where it is left out.

        All features of an item are of one length, but for those of other sequences: a feature `S.name`
        belongs to the sequence S, with a length of its own, and a batch masks it with `S.mask`. The main
        sequence decides in which length bucket an item goes.
        """

    def keeps(self, row: RowT) -> bool:
        """Whether a good row takes part, in training and evaluation alike; False for one that is too long."""
        return True

    @abstractmethod
    def keys(self, row: RowT) -> Iterable[str]:
        """The strings of a training row that evaluation will ask for."""

    def inputs(self, path: Path) -> list[str] | None:
        """The texts that a person means by a file or folder to answer; None: the lines of that file.

        Raises:
            UsageError: nothing in it can be answered.
        """
        return None
