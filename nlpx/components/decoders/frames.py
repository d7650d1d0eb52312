"""Base class of decoders of frames, which spell a text with blanks and repetitions."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Sequence
from typing import ClassVar

from nlpx.components.decoders.base import Decoder
from nlpx.core.lazy import np

BLANK = 0
"""Id of the blank."""


class FrameDecoder(Decoder):
    """Base class of decoders for models that are trained with the loss ctc.

    A sequence of ids, one per frame, spells a text: equal neighbours count once, then blanks are removed.
    """

    needs: ClassVar[frozenset[str]] = frozenset({"frames"})

    @abstractmethod
    def decode(self, log_probs: np.ndarray, characters: Sequence[str]) -> tuple[str, float]:
        """The text that frames spell, and its log-probability as far as the decoder adds it up.

        Args:
            log_probs: log-probability of each id in each frame, (T, U).
            characters: those of the U ids; that of id 0, the blank, is not used.
        """


def collapsed(path: Iterable[int]) -> list[int]:
    """The ids that a path of ids spells."""
    found, last = [], BLANK
    for index in path:
        if index not in (last, BLANK):
            found.append(index)
        last = index
    return found
