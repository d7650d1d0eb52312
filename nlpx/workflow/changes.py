"""Settings that can be changed for a trained model: its data, decoder and metrics."""

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
"""Settings that determine the weights of a run, or the files of its index."""
FREE = frozenset({"train.evaluation_batch_size", "train.precision"})


def refuse_other_model(trained: Experiment, changed: Experiment) -> None:
    """Check that two configs do not differ in settings that the weights depend on.

    Args:
        trained: the config of a run.
        changed: the same config with other values.

    Raises:
        UsageError: they do; the message names the first such setting.
    """
    sides = [flatten(side.model_dump(mode="json")) for side in (trained, changed)]
    for key in differences(sides):
        if key not in FREE and any(f"{key}.".startswith(f"{prefix}.") for prefix in LEARNED):
            raise UsageError(
                f"--set {key}=...: this run was trained with another value, which cannot be changed now. "
                "Only data.source, data.limit, decode and metrics can be changed; "
                "for other settings, train a new run."
            )
