"""Keep what intervals are computed from where predictions files lack it: eval/SPLIT.row_values.jsonl."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from pydantic import BaseModel, ValidationError

from nlpx.components.metrics.resampled import RowValues
from nlpx.errors import DamagedRun
from nlpx.runs.directory import RunDirectory
from nlpx.runs.files import read_if_there

NAME = "row_values.jsonl"
DIGITS = 9
LARGEST = 1 << 28
"""Bytes: some millions of rows."""
ADVICE = "Evaluate the run again: nlpx eval RUN"


class StoredValues(BaseModel):
    """A line of the file: columns of a subset by name, in which null is no value, and units of its rows."""

    subset: str
    columns: dict[str, list[float | None]]
    units: list[int] | None


def row_values_text(values: Mapping[str, Sequence[RowValues]]) -> str:
    """The content of the file."""
    lines = [
        StoredValues(
            subset=subset,
            columns={name: [_number(value) for value in column] for name, column in each.by_name.items()},
            units=None if each.units is None else each.units.tolist(),
        )
        for subset, found in values.items()
        for each in found
    ]
    return "".join(line.model_dump_json() + "\n" for line in lines)


def _number(value: float) -> float | None:
    if not np.isfinite(value):
        return None
    return int(value) if value == int(value) else float(f"{value:.{DIGITS}g}")


def read_row_values(run: RunDirectory, split: str, sizes: Mapping[str, int]) -> dict[str, list[RowValues]]:
    """What an evaluation stored, by subset; empty if there is no such file.

    Args:
        sizes: the number of rows of every subset.

    Raises:
        DamagedRun: the file cannot be read, or is of other rows.
    """
    path = run.metric_file(split, NAME)
    found: dict[str, list[RowValues]] = {}
    content = read_if_there(path, LARGEST) or b""
    for number, text in enumerate(content.splitlines(), start=1):
        try:
            line = StoredValues.model_validate_json(text)
        except ValidationError as error:
            reason = error.errors(include_url=False, include_input=False)[0]["msg"]
            raise DamagedRun(Path(f"{path}:{number}"), f"not the values of rows: {reason}", ADVICE) from None
        sizes_found = {len(column) for column in (*line.columns.values(), line.units) if column is not None}
        if line.subset in sizes and sizes_found - {sizes[line.subset]}:
            what = f"it is not of the {sizes[line.subset]} rows of this evaluation"
            raise DamagedRun(Path(f"{path}:{number}"), what, ADVICE)
        found.setdefault(line.subset, []).append(
            RowValues(
                {name: np.array(column, np.float64) for name, column in line.columns.items()},
                None if line.units is None else np.array(line.units),
            )
        )
    return found
