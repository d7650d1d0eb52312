"""The text of the best path through frames."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from nlpx.components.decoders.frames import FrameDecoder, collapsed
from nlpx.core.lazy import np


class CTCGreedy(FrameDecoder):
    """The most probable id of every frame; equal neighbours count once, then blanks are removed.

    collapse(argmax over u of log p_t(u), t = 1 ... T)

    Options: none.
    Shapes: log-probabilities (T, U) -> a text of at most T characters.
    Data: frames of lines of text.
    Relations: the fastest decoder. A text can have many paths, so the text of the best path is not always the
        most probable text; ctc_beam adds paths up, and can use a language model. Equals
        keras.ops.ctc_decode with the strategy greedy.
    Reference: Graves et al. 2006 (best path decoding).
    Example:
        decode: ctc_greedy
    """

    type: Literal["ctc_greedy"] = "ctc_greedy"

    def decode(self, log_probs: np.ndarray, characters: Sequence[str]) -> tuple[str, float]:
        path = log_probs.argmax(1)
        text = "".join(characters[i] for i in collapsed(path.tolist()))
        return text, float(log_probs[np.arange(len(path)), path].sum(dtype=np.float64))
