"""Codecs, which validate records, count their tokens and encode them as arrays."""

from __future__ import annotations

import dataclasses
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Generic, TypeVar

from nlpx.core.lazy import np
from nlpx.text.vocabulary import Vocabulary

if TYPE_CHECKING:
    from nlpx.data.items import Field

Vocabularies = Mapping[str, Vocabulary]
RowT = TypeVar("RowT")


@dataclass(frozen=True)
class Codec(ABC, Generic[RowT]):
    """Encodes records as training items, independently of the model.

    A codec is a frozen dataclass whose fields are all it needs from the config. The fields and the version
    therefore determine the items of a record, and are part of the cache key.
    """

    version: ClassVar[int] = 1
    """Version; increase it when the same records and options give different items."""

    def cache_key(self) -> object:
        """A string that changes whenever the same records would give different items."""
        kind = type(self)
        options = {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}
        return kind.__module__, kind.__qualname__, self.version, options

    @property
    @abstractmethod
    def fields(self) -> Mapping[str, Field]:
        """The fields of an item, by name."""

    @property
    @abstractmethod
    def min_counts(self) -> Mapping[str, int]:
        """Minimum count of tokens, by vocabulary."""

    @property
    @abstractmethod
    def max_sizes(self) -> Mapping[str, int | None]:
        """Maximum number of tokens, by vocabulary; None keeps all."""

    @abstractmethod
    def check(self, row: RowT) -> str | None:
        """Why a row is bad; None if it is valid."""

    def class_of(self, row: RowT) -> str | None:
        """The class of a valid row, of which training needs at least two; None if rows have none."""
        return None

    @abstractmethod
    def count(self, row: RowT) -> Mapping[str, Iterable[str]]:
        """The tokens of a row, by vocabulary."""

    @property
    def derived(self) -> tuple[str, ...]:
        """The names of the vocabularies that `derive` gives."""
        return ()

    def derive(self, rows: Iterable[RowT], vocabularies: Vocabularies) -> Vocabularies:
        """Further vocabularies, which depend on those of `count`, from all training rows, read again."""
        return {}

    @abstractmethod
    def encode(self, row: RowT, vocabularies: Vocabularies) -> list[dict[str, np.ndarray]]:
        """The training items of a row, with an array for each field. Empty if the row is left out.

        The main sequence determines the length bucket of an item; items with an empty one are skipped.
        """

    def keeps(self, row: RowT) -> bool:
        """Whether a valid row is used in training and evaluation; False if it is too long."""
        return True

    @abstractmethod
    def keys(self, row: RowT) -> Iterable[str]:
        """The keys of a training row that evaluations look up."""

    def inputs(self, path: Path) -> list[str] | None:
        """The inputs given by a file or folder, or UsageError; None: the lines of the file."""
        return None
