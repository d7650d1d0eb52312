"""What a request asks of a model."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict

from nlpx.data.images import Upload

Input = str | Upload | int
"""A text, an image, or the number of a sample to generate."""


class Options(BaseModel):
    """The options of a request, which depend on the task; by default there are none."""

    model_config = ConfigDict(frozen=True, extra="forbid")


@dataclass(frozen=True)
class Call:
    """What is done with inputs; those of equal calls can share a batch.

    Attributes:
        cost: rows that each input counts as.
    """

    cost: int


@dataclass(frozen=True)
class Predict(Call):
    """Predict for texts or images."""

    options: Options


@dataclass(frozen=True)
class Generate(Call):
    """Generate samples."""

    seed: int
    options: Options
