"""Moments of training, as options of tricks."""

from __future__ import annotations

from typing import Annotated, TypeAlias

from pydantic import Field

from nlpx.core.options import NonNegativeInt

Moment: TypeAlias = NonNegativeInt | Annotated[str, Field(pattern=r"^\d{1,9} epochs?$")]
"""A number of updates of the phase, or `N epochs`, since training or the stage started."""


def updates_until(moment: int | str, updates_per_epoch: int) -> int:
    """How many updates a phase makes until a moment."""
    return moment if isinstance(moment, int) else int(moment.split()[0]) * updates_per_epoch
