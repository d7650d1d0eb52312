"""The settings of a config that results can depend on."""

from __future__ import annotations

from collections.abc import Mapping

from nlpx.runs.flatten import flatten

FREE = frozenset({"name", "data.root", "data.cache", "export"})
"""Settings that results do not depend on; the data is compared by content."""
RECORDERS = frozenset({"mlflow", "tensorboard", "trackio", "wandb"})
"""Types of observers that only keep what happens: a run with one is the same run without it."""


def result_settings(experiment: Mapping[str, object]) -> dict[str, object]:
    """All other settings, flattened; the rest of the observers is counted without the recorders.

    Args:
        experiment: a config as JSON values.
    """
    observers = experiment.get("observers")
    if isinstance(observers, list):
        experiment = {**experiment, "observers": [each for each in observers if not _records(each)]}
    return {key: value for key, value in flatten(experiment).items() if key not in FREE}


def _records(observer: object) -> bool:
    return isinstance(observer, Mapping) and observer.get("type") in RECORDERS
