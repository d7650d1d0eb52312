"""Built-in sample datasets."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, Self

from pydantic import AfterValidator, Field, PrivateAttr
from pydantic.config import JsonDict
from pydantic_core import PydanticKnownError

from nlpx.components.sources.base import Source
from nlpx.data.samples import Sample, find, names
from nlpx.errors import ConfigError

if TYPE_CHECKING:
    from nlpx.data.records import BadRow, Record


def _known(name: str) -> str:
    if name not in names():
        expected = ", ".join(map(repr, names()))
        raise PydanticKnownError("literal_error", {"expected": expected})
    return name


def _enumerate(schema: JsonDict) -> None:
    schema["enum"] = [*names()]


class Builtin(Source):
    """A small built-in dataset, with which every task can be tried without other files.

    Options:
        name: name of the sample; default: that of the task.
        holdout: always 0, because samples have a validation split.
    Shapes: records of the task.
    Data: records from a seeded generator (subset `generated`), and hand-written ones (subset `written`) in
        the validation and test splits.
    Relations: not suitable for measuring quality.
    Reference: written for nlpx.
    Example:
        data:
          source: {type: builtin, name: couplet}
    """

    type: Literal["builtin"] = "builtin"
    name: Annotated[str, AfterValidator(_known), Field(json_schema_extra=_enumerate)] | None = None
    holdout: Literal[0] = 0

    _default: str = PrivateAttr("")

    def open(self, root: Path, sample: str = "") -> Self:
        if self.name is None and sample not in names():
            known = ", ".join(names())
            raise ConfigError(f"data.source.name: there is no sample {sample!r}. Choose one of {known}.")
        reader = super().open(root, sample)
        reader._default = sample
        return reader

    @property
    def record_kind(self) -> str:
        return "" if self.name is None else find(self.name).record

    def rows(self, split: str) -> Iterator[Record | BadRow]:
        self.expect(split)
        name, sample = self._sample()
        return (
            sample.make(f"builtin {name} {split}:{number}", row)
            for number, row in enumerate(sample.rows(split), start=1)
        )

    def fingerprint(self, split: str) -> str:
        digest = hashlib.sha256()
        for row in self._sample()[1].rows(split):
            digest.update("\t".join([row.group, *row.parts, "\n"]).encode())
        return digest.hexdigest()

    def _sample(self) -> tuple[str, Sample]:
        name = self.name or self._default
        return name, find(name)
