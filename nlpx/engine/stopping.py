"""Which evaluations are best, and when nothing improves any more."""

from __future__ import annotations

import math
from collections.abc import Mapping

from nlpx.components.metrics.base import Direction
from nlpx.engine.state import Progress
from nlpx.errors import ConfigError
from nlpx.specs.sections import CheckpointSection, EarlyStopping


class Monitor:
    """Ranks evaluations by one number. Values that are not finite are never best.

    Args:
        section: what to monitor, and how many checkpoints to keep.
        early_stopping: when to give up.
        directions: by metric, without `valid/`: whether smaller or larger is better.

    Raises:
        ConfigError: neither the config nor the metrics say which.
    """

    def __init__(
        self,
        section: CheckpointSection,
        early_stopping: EarlyStopping | None,
        directions: Mapping[str, Direction],
    ) -> None:
        self._monitor = section.monitor
        self._keep = section.keep_best
        self._early_stopping = early_stopping
        mode = section.mode or directions.get(section.monitor.removeprefix("valid/"))
        if mode is None:
            raise ConfigError(
                f"checkpoint.monitor: no metric gives {section.monitor!r}; expected one of "
                f"{', '.join(f'valid/{name}' for name in sorted(directions))}. "
                "Add its metric to `metrics`, or set checkpoint.mode to min or max."
            )
        self._sign = 1.0 if mode == "min" else -1.0

    def judge(self, progress: Progress) -> bool:
        """Enter the evaluation that `progress` holds; returns whether it is the best so far.

        Raises:
            ConfigError: the evaluation did not give the monitored number.
        """
        if self._monitor not in progress.metrics:
            raise ConfigError(
                f"checkpoint.monitor: the evaluation gives no {self._monitor!r}; expected one of "
                f"{', '.join(sorted(progress.metrics))}. Add its metric to `metrics`, or monitor another."
            )
        value = progress.metrics[self._monitor]
        self._wait(progress, value)
        if not math.isfinite(value):
            return False
        # Equal values: the earlier one is better, it took less training.
        table = sorted(
            [*progress.best, (progress.step, value)], key=lambda entry: (self._sign * entry[1], entry[0])
        )
        progress.best = table[: self._keep]
        return table[0][0] == progress.step

    def cost(self, progress: Progress) -> float:
        """The monitored number, negative where higher is better."""
        return self._sign * progress.metrics[self._monitor]

    def exhausted(self, progress: Progress) -> bool:
        """Whether early stopping ends the training here."""
        return self._early_stopping is not None and progress.waited >= self._early_stopping.patience

    def _wait(self, progress: Progress, value: float) -> None:
        least = 0.0 if self._early_stopping is None else self._early_stopping.min_delta
        reference = progress.reference
        if math.isfinite(value) and (reference is None or self._sign * (reference - value) > least):
            progress.reference, progress.waited = value, 0
        else:
            progress.waited += 1
