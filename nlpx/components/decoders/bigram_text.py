"""Base class of decoders with bigrams of a raw text."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Self

from pydantic import PrivateAttr

from nlpx.components.decoders.base import Decoder
from nlpx.core.options import InputFile, NonNegativeFloat
from nlpx.data.files import read_lines
from nlpx.text.additive_bigrams import AdditiveBigrams


class BigramText(Decoder):
    """Base class of decoders with a bigram language model, counted at the first prediction.

    Options:
        text: raw text in which bigrams are counted, UTF-8, also `.gz` and `.xz`. Default: no language model.
            Relative to the config that names it, or to the current folder in `--set`.
        smoothing: alpha.
    """

    text: InputFile | None = None
    smoothing: NonNegativeFloat = 1.0

    _counted: list[AdditiveBigrams] = PrivateAttr(default_factory=list)

    def prepare(self) -> Self:
        ready = super().prepare()
        ready._counted = []
        if self.text is not None:
            next(_lines(self.text), None)  # a file that cannot be read is reported now
        return ready

    @property
    def bigrams(self) -> AdditiveBigrams:
        """Those of the text; of no text, there are none."""
        if not self._counted:
            self._counted.append(AdditiveBigrams.of(() if self.text is None else _lines(self.text)))
        return self._counted[0]


def _lines(path: str) -> Iterator[str]:
    return read_lines(Path(path))
