"""The evaluations of a run with intervals, from the files of the run alone."""

from __future__ import annotations

import math
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from nlpx.components.metrics.resampled import RowValues
from nlpx.core.filled import Filled
from nlpx.errors import DamagedRun, NlpxError
from nlpx.inference.intervals import Estimate, Stored, estimates
from nlpx.runs.directory import RunDirectory
from nlpx.runs.predictions import read_predictions
from nlpx.runs.record import EvaluationRecord
from nlpx.runs.row_values import read_row_values
from nlpx.specs.experiment import Experiment
from nlpx.workflow.of_run import files_of_config

SAME = 1e-6
"""Difference of a value from the one that was stored, up to which both are of the same rows."""


@dataclass(frozen=True)
class Measured:
    """An evaluation of a split.

    Attributes:
        record: what was stored.
        examples: its rows; empty if they cannot be read.
        estimates: values with intervals, where rows determine them: `name`, and `subset/name`.
        note: why something is missing; may be empty.
        stored: what intervals are computed from where examples lack it.
    """

    record: EvaluationRecord
    examples: Sequence[Any] = ()
    estimates: Mapping[str, Estimate] = field(default_factory=dict)
    note: str = ""
    stored: Stored = field(default_factory=dict)


def measured(
    run: RunDirectory, record: EvaluationRecord, experiment: Experiment | None, *, subsets: bool = True
) -> Measured:
    """An evaluation of a run with its rows and intervals.

    Args:
        experiment: the config of the run; None if it cannot be used: there are no rows then.
        subsets: whether those of the rows have intervals, too.
    """
    if experiment is None or experiment.example_type() is None:
        return Measured(record)
    try:
        examples = read_predictions(run, record.split, experiment.example_type())
    except DamagedRun as error:
        return Measured(record, note=str(error))
    if len(examples) != record.rows:
        again = shlex.join(["nlpx", "eval", str(run.path), "--split", record.split])
        return Measured(
            record,
            note=Filled(
                "{path} has {found} rows, but {split} was evaluated on {rows}: no rows and intervals are "
                "shown. Evaluate again: {command}",
                path=run.predictions_path(record.split),
                found=len(examples),
                split=record.split,
                rows=record.rows,
                command=again,
            ),
        )
    groups = dict.fromkeys(name for example in examples for name in example.group) if subsets else {}
    chosen = {name: np.array([name in example.group for example in examples]) for name in groups}
    sizes = {"": len(examples), **{name: int(rows.sum()) for name, rows in chosen.items()}}
    stored, note = dict[str, list[RowValues]](), ""
    try:
        stored = read_row_values(run, record.split, sizes)
    except DamagedRun as error:
        note = str(error)
    try:
        with files_of_config(run, experiment):
            found = estimates(experiment.metrics, examples, chosen, stored=stored)
    except (ArithmeticError, LookupError, NlpxError, TypeError, ValueError) as error:
        # Rows that anybody may have written.
        return Measured(
            record,
            examples,
            note=Filled(
                "{split}: no intervals: {why}", split=record.split, why=f"{type(error).__name__}: {error}"
            ),
        )
    same = {
        name: estimate
        for name, estimate in found.items()
        if math.isclose(estimate.value, record.metrics.get(name, math.nan), rel_tol=SAME, abs_tol=SAME)
    }
    return Measured(record, examples, same, note, stored)
