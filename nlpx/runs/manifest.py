"""The manifest of a bundle: what it is, and what every other file must be. It is untrusted."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, ConfigDict, Field, JsonValue

from nlpx.runs.record import Record

LARGEST = 1 << 31
"""Maximum size of a file in bytes."""
NAME = re.compile(r"(?:\w[\w.-]*/)?\w[\w.-]*")
"""Names of files: no folder of a bundle begins with a dot, or contains another one."""
ADVICE = "Export the run again."


def checked_name(name: str) -> str:
    """The name; raises ValueError if it is not one of a file in a bundle."""
    if not NAME.fullmatch(name):
        raise ValueError(f"{name[:40]!r} is not a valid name of a file")
    return name


class FileRecord(Record):
    """A file: SHA-256 in hexadecimal digits, and size."""

    sha256: str
    bytes: Annotated[int, Field(ge=0, le=LARGEST)]


class Quantization(Record):
    """What other weights than float32 change, on validation rows.

    Attributes:
        rows, equal: how many were compared, and how many have the same prediction.
        before, after: metrics.
        bytes: of the graphs, before and after.
    """

    weights: Literal["int8"]
    rows: Annotated[int, Field(gt=0)]
    equal: int
    before: dict[str, float]
    after: dict[str, float]
    bytes: tuple[int, int]


class Manifest(Record):
    """The content of manifest.json.

    Attributes:
        nlpx: version of the program that wrote it.
        run, step: the run and its checkpoint.
        origin: what the predictions follow from, see `nlpx.runs.origin`; empty if settings were changed.
        includes: SHA-256 of plugin files by name.
        calibration: values chosen on the validation split.
        constants: arrays as nested lists, which are float32.
        quantization: null for float32 weights, whose predictions are those of the run.
        files: all other files, by name.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    format: int
    nlpx: str
    task: str
    run: str
    step: int
    origin: str = ""
    includes: dict[str, str] = {}
    calibration: dict[str, float] = {}
    constants: dict[str, JsonValue] = {}
    quantization: Quantization | None = None
    files: dict[Annotated[str, AfterValidator(checked_name)], FileRecord]
