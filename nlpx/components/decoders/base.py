"""What a decoder is."""

from __future__ import annotations

from typing import ClassVar, Self

from nlpx.core.component import Component

PLACEHOLDER = "□"
"""Stands where the vocabulary has no character left that may be used."""


class Decoder(Component):
    """The base of every decoder: how scores become a prediction.

    Who uses one prepares it first: `prepare` reads files, and what a decoder remembers is of the copy.
    """

    kind: ClassVar[str] = "decoder"

    @classmethod
    def of(cls, decoder: Decoder) -> Self:
        """A prepared decoder; raises TypeError for another kind, which is no valid config."""
        ready = decoder.prepare()
        if not isinstance(ready, cls):
            raise TypeError(f"{decoder.type} is not a {cls.__name__}")
        return ready
