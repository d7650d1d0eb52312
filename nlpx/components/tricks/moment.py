"""Moments of training, as options of tricks."""

from __future__ import annotations

from typing import Annotated, TypeAlias

from pydantic import Field

LAST = 2**31 - 1
"""The largest number of updates that tricks count to, in int32."""

Updates: TypeAlias = Annotated[int, Field(ge=1, le=LAST)]
"""A number of updates."""
Moment: TypeAlias = (
    Annotated[int, Field(ge=0, le=LAST)] | Annotated[str, Field(pattern=r"^[0-9]{1,9} epochs?$")]
)
"""A number of updates of the phase, or `N epochs`, since training or the stage started."""


def updates_until(moment: int | str, updates_per_epoch: int) -> int:
    """How many updates a phase makes until a moment."""
    return moment if isinstance(moment, int) else min(epochs_until(moment) * updates_per_epoch, LAST)


def epochs_until(moment: str) -> int:
    """The number of epochs of `N epochs`."""
    return int(moment.split()[0])
