"""A random lower line that keeps the four rules of couplets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal
from zlib import crc32

from nlpx.components.decoders.couplet_rules import CoupletRules
from nlpx.core.lazy import np
from nlpx.core.options import NonNegativeInt, PositiveFloat


class CoupletSample(CoupletRules):
    """A random lower line that keeps the four rules of couplets; probable lines are drawn more often.

    log p(y_t | u, t) + temperature * g_ty

    The line of couplet_rules for these scores, with a Gumbel number g for every position and character of
    the upper line u. A line whose characters are all different ones, and at once the most probable of
    their positions, is drawn from the softmax of log p / temperature. The numbers only depend on the seed and
    the upper line, so that the line is the same in every batch.

    Options:
        temperature: near 0 is the line of couplet_rules; 1 draws from the model.
        seed: of the draw.
    Shapes: log-probabilities (T, U) -> T characters.
    Data: upper lines of couplets.
    Relations: keeps the rules as couplet_rules does.
    Reference: perturb and MAP: Papandreou and Yuille 2011; Gumbel noise: Yellott 1977.
    Example:
        decode: {type: couplet_sample, temperature: 0.5, seed: 7}
    """

    type: Literal["couplet_sample"] = "couplet_sample"  # type: ignore[assignment]  # as of every component
    temperature: PositiveFloat = 0.7
    seed: NonNegativeInt = 2026

    def decode(self, upper: str, log_probs: np.ndarray, tokens: Sequence[str]) -> str:
        rng = np.random.default_rng([self.seed, crc32(upper.encode("utf-8", "surrogatepass"))])
        noise = rng.gumbel(size=log_probs.shape).astype(np.float32)
        return super().decode(upper, log_probs + np.float32(self.temperature) * noise, tokens)
