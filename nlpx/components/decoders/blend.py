"""From the probabilities of two heads to a class."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from nlpx.components.decoders.base import Decoder
from nlpx.core.lazy import np
from nlpx.core.options import PositiveInt

STEPS = 100


class Blend(Decoder):
    """The most probable classes under a mixture of both heads: p = alpha p_main + (1 - alpha) p_aux.

    Options:
        alpha: share of the main head. Empty: 1 during training, then the one of 0, .01, ..., 1 with the most
            correct predictions on the validation split (of equals the greatest), which the run keeps.
        top: how many classes a prediction names.
    Shapes: log-probabilities (B, U) twice -> probabilities (B, U).
    Data: images.
    Relations: with alpha 1 the auxiliary head only regularizes.
    Reference: kexue.fm archive 4611.
    Example:
        decode: {type: blend, top: 5}
    """

    needs: ClassVar[frozenset[str]] = frozenset({"logits", "auxiliary_logits"})

    type: Literal["blend"] = "blend"
    alpha: Annotated[float, Field(ge=0, le=1)] | None = None
    top: PositiveInt = 5

    def probabilities(self, main: np.ndarray, aux: np.ndarray, alpha: float) -> np.ndarray:
        """Log-probabilities of both heads (B, U) -> probabilities of the mixture (B, U) float32."""
        return _mixture(np.exp(main), np.exp(aux), alpha)

    def choose(self, main: np.ndarray, aux: np.ndarray, labels: np.ndarray) -> float:
        """The alpha of 0, .01, ..., 1 with the most correct predictions; of equals the greatest."""
        p_main, p_aux = np.exp(main), np.exp(aux)

        def right(step: int) -> int:
            return int((_mixture(p_main, p_aux, step / STEPS).argmax(axis=-1) == labels).sum())

        return max(range(STEPS + 1), key=lambda step: (right(step), step)) / STEPS


def _mixture(p_main: np.ndarray, p_aux: np.ndarray, alpha: float) -> np.ndarray:
    return alpha * p_main + (1 - alpha) * p_aux
