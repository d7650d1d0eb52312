"""What reads the records of a task: which are good, what is counted in them, how they become arrays."""

from __future__ import annotations

import dataclasses
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Generic, TypeVar

from nlpx.text.vocabulary import Vocabulary

if TYPE_CHECKING:
    import numpy as np

    from nlpx.data.items import Field

Vocabularies = Mapping[str, Vocabulary]
RowT = TypeVar("RowT")


@dataclass(frozen=True)
class Codec(ABC, Generic[RowT]):
    """From records to training items; it knows no model.

    A codec is a frozen dataclass, and its fields are all that it knows of the config. So they and its version
    decide what the items of a record are, and the cache finds the items by them.
    """

    version: ClassVar[int] = 1
    """Rises whenever the same records and options would give other items."""

    def cache_key(self) -> object:
        """What changes whenever the same records would give other items."""
        kind = type(self)
        options = {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}
        return kind.__module__, kind.__qualname__, self.version, options

    @property
    @abstractmethod
    def fields(self) -> Mapping[str, Field]:
        """What the arrays of an item are, by name."""

    @property
    @abstractmethod
    def min_counts(self) -> Mapping[str, int]:
        """By vocabulary: the count below which a token is unknown."""

    @property
    @abstractmethod
    def max_sizes(self) -> Mapping[str, int | None]:
        """By vocabulary: the number of tokens kept; None keeps all."""

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
        """The training items of a row, each an array for every field. Empty where it is left out.

        The main sequence decides in which length bucket an item goes; an item is dropped where it is empty.
        """

    def keeps(self, row: RowT) -> bool:
        """Whether a good row takes part, in training and evaluation alike; False for one that is too long."""
        return True

    @abstractmethod
    def keys(self, row: RowT) -> Iterable[str]:
        """The strings of a training row that evaluation will ask for."""

    def inputs(self, path: Path) -> list[str] | None:
        """The inputs that a person means by a file or folder; None: the lines of that file.

        Raises:
            UsageError: it holds no input.
        """
        return None
