"""Read the rows of an evaluation, records with their predictions, from eval/SPLIT.predictions.jsonl."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from nlpx.errors import DamagedRun
from nlpx.runs.directory import RunDirectory
from nlpx.runs.json_lines import JsonLines

SHOWN = 200
ADVICE = "Evaluate the run again: nlpx eval RUN"


def read_predictions(run: RunDirectory, split: str, kind: type[Any]) -> list[Any]:
    """The examples of a split, without what predictions files lack; empty if there is no file.

    Args:
        kind: their class, which `Experiment.example_type` names.

    Raises:
        DamagedRun: the file cannot be read, or does not belong to this task.
    """
    path = run.predictions_path(split)
    examples = []
    for number, line in enumerate(JsonLines.read(path).forwards(), start=1):
        try:
            examples.append(kind.of_json(line))
        except ValueError as error:
            reason = " ".join(str(error).split())[:SHOWN]
            raise DamagedRun(
                Path(f"{path}:{number}"), f"not a prediction of this task: {reason}", ADVICE
            ) from None
    return examples
