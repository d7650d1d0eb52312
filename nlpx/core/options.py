"""Types of options: bounded numbers and local paths."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

PositiveInt = Annotated[int, Field(ge=1)]
Passes = Annotated[int, Field(ge=1, le=100)]
"""A number of repetitions inside an update, each of which makes its graph larger."""
NonNegativeInt = Annotated[int, Field(ge=0)]
PositiveFloat = Annotated[float, Field(gt=0, allow_inf_nan=False)]
NonNegativeFloat = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Rate = Annotated[float, Field(ge=0, lt=1)]
"""A probability of dropping something: 0 <= rate < 1."""
Pattern = Annotated[str, Field(min_length=1)]
"""A pattern of whole names of variables; `*` stands for any characters."""


@dataclass(frozen=True)
class LocalPath:
    """Marks a local path, which is relative to the file that contains it and absolute once loaded."""

    must_exist: bool


InputFile = Annotated[str, Field(min_length=1), LocalPath(must_exist=True)]
"""An input file."""
Folder = Annotated[str, Field(min_length=1), LocalPath(must_exist=False)]
"""A folder that is created if necessary."""
