"""Types of options that many components share: bounded numbers, and paths on this machine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

PositiveInt = Annotated[int, Field(ge=1)]
NonNegativeInt = Annotated[int, Field(ge=0)]
PositiveFloat = Annotated[float, Field(gt=0, allow_inf_nan=False)]
NonNegativeFloat = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Rate = Annotated[float, Field(ge=0, lt=1)]
"""A probability of dropping something: 0 <= rate < 1."""


@dataclass(frozen=True)
class LocalPath:
    """Marks a path on this machine: relative to the file that names it, absolute once loaded."""

    must_exist: bool


InputFile = Annotated[str, Field(min_length=1), LocalPath(must_exist=True)]
"""A file that is read."""
Folder = Annotated[str, Field(min_length=1), LocalPath(must_exist=False)]
"""A folder that may be made."""
