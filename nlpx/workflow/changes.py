"""What may be changed about a model that is trained already: the rows it sees and how it answers."""

from __future__ import annotations

from nlpx.errors import UsageError
from nlpx.runs.flatten import differences, flatten
from nlpx.specs.experiment import Experiment

LEARNED = (
    "type",
    "name",
    "seed",
    "vocabulary",
    "data.normalize",
    "data.length",
    "data.max_length",
    "model",
    "loss",
    "optimizer",
    "tricks",
    "train",
    "checkpoint",
    "observers",
)
"""Settings that a training has used up, or by which the files of its index are made."""
FREE = frozenset({"train.evaluation_batch_size"})


def refuse_other_model(trained: Experiment, changed: Experiment) -> None:
    """Check that two configs differ in nothing that weights depend on.

    Args:
        trained: the config of a run.
        changed: the same with other values.

    Raises:
        UsageError: they do; the message names the first such setting.
    """
    sides = [flatten(side.model_dump(mode="json")) for side in (trained, changed)]
    for key in differences(sides):
        if key not in FREE and any(f"{key}.".startswith(f"{prefix}.") for prefix in LEARNED):
            raise UsageError(
                f"--set {key}=...: this run is trained with another value, which cannot be changed now. "
                "Change what it reads or how it answers: data.source, data.limit, decode, metrics; "
                "for anything else, train anew."
            )
