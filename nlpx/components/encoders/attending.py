"""Base class of encoder blocks with self-attention."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import model_validator

from nlpx.components.encoders.base import Encoder
from nlpx.core.options import PositiveInt


class Attending(Encoder):
    """Base class of encoder blocks with self-attention, which a mask may restrict.

    Options:
        causal: attend to no later position.
        restriction: attend only to positions at certain distances d: local, |d| <= neighbors * rate and a
            multiple of rate; atrous, a multiple of rate; sparse, a multiple of rate or |d| < rate.
        neighbors: of local: number of positions on each side; default: 1.
        rate: see restriction; default: 1 for local, 2 for atrous and sparse.
    """

    causal: bool = False
    restriction: Literal["local", "atrous", "sparse"] | None = None
    neighbors: PositiveInt | None = None
    rate: PositiveInt | None = None

    @model_validator(mode="after")
    def _restriction_restricts(self) -> Self:
        if self.neighbors is not None and self.restriction != "local":
            raise ValueError("neighbors belongs to restriction: local; remove it, or set that restriction")
        if self.rate is not None and self.restriction is None:
            raise ValueError("rate belongs to a restriction; remove it, or set restriction")
        if self.rate == 1 and self.restriction in ("atrous", "sparse"):
            raise ValueError(f"{self.restriction} with rate 1 attends to all positions; expected at least 2")
        return self
