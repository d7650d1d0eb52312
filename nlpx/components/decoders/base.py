"""What a decoder is."""

from __future__ import annotations

from typing import ClassVar

from nlpx.core.component import Component

PLACEHOLDER = "□"
"""Stands where the vocabulary has no character left that may be used."""


class Decoder(Component):
    """The base of every decoder: how scores become a prediction.

    Who uses one prepares it first: `prepare` reads files, and what a decoder remembers is of the copy.
    """

    kind: ClassVar[str] = "decoder"
