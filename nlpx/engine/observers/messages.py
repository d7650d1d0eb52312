"""What a person is told while a training runs, as lines of text."""

from __future__ import annotations

import math

from nlpx.components.observers.base import Setting
from nlpx.components.observers.events import (
    EpochEnded,
    Evaluated,
    LossLogged,
    StageBegan,
    StageEnded,
    Stopped,
)

WIDTH = 100
"""Columns of a line where there is no terminal."""


def opening_lines(setting: Setting) -> list[str]:
    """What a person should know before a run starts or continues."""
    lines = [*setting.groups, *(f"not resumed: {text}" for text in setting.damaged)]
    if setting.resumed:
        from_where = (
            f"after step {setting.step}" if setting.step else "from the start: no checkpoint was saved"
        )
        lines.append(f"resuming {from_where}")
    return lines


def loss_line(event: LossLogged, total: int, speed: str, seconds_left: int) -> str:
    """The means of an interval."""
    skipped = f"  {event.skipped} skipped" if event.skipped else ""
    terms = "".join(f"  {name} {value:.4f}" for name, value in event.terms.items())
    return (
        f"step {event.step}/{total}  loss {event.loss:.4f}{terms}  rate {event.learning_rate:.2e}  "
        f"{speed}  {clock(seconds_left)} left{skipped}"
    )


def evaluation_line(event: Evaluated, monitor: str, width: int = WIDTH) -> str:
    """One evaluation: the monitored number, then as many of the whole split as fit.

    Numbers that say most come first: those that are 0 or not measured go last. A star tells that the
    monitored number is the best so far.
    """
    shown = {
        name: value for name, value in event.metrics.items() if "/" not in name.removeprefix("valid/")
    } | {name: value for name, value in event.metrics.items() if name == monitor}
    names = sorted(shown, key=lambda name: (name != monitor, not shown[name] or math.isnan(shown[name])))
    fields = [f"  {name.removeprefix('valid/')} {shown[name]:.4f}" for name in names]
    head, star = f"valid at step {event.step}", "  *" if event.improved else ""
    for count in range(len(fields), 1, -1):
        line = head + "".join(fields[:count]) + _more(len(fields) - count) + star
        if len(line) <= width:
            return line
    return head + "".join(fields[:1]) + _more(len(fields) - 1) + star


def _more(count: int) -> str:
    return f"  and {count} more" if count > 0 else ""


def stage_lines(event: StageBegan | StageEnded) -> list[str]:
    """What a person is told when a stage begins or ends."""
    if isinstance(event, StageEnded):
        return [f"stage {event.stage + 1} ended at step {event.step}: {event.reason}"]
    return [
        f"stage {event.stage + 1} of {event.stages}  at most {event.updates} steps  {event.optimizer}  "
        f"trains {event.trained:,} parameters",
        *event.groups,
    ]


def skipped_lines(event: EpochEnded | Stopped) -> list[str]:
    """What a person is told of updates that were left out: a warning where it was a whole epoch."""
    why = "because gradients overflowed in float16"
    if isinstance(event, Stopped):
        return [f"{event.skipped} of {event.step} updates were skipped, {why}"] if event.skipped else []
    if not event.updates or event.skipped < event.updates:
        return []
    return [
        f"warning: all {event.updates} updates of epoch {event.epoch + 1} were skipped, {why}: nothing was "
        "learned in it. The loss scale is halved after each; train longer, or set train.precision to "
        "mixed_bfloat16 or float32"
    ]


def clock(seconds: int) -> str:
    """Hours, minutes and seconds."""
    hours, rest = divmod(seconds, 3600)
    return f"{hours}:{rest // 60:02d}:{rest % 60:02d}" if hours else f"{rest // 60}:{rest % 60:02d}"
