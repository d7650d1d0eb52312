"""A training run as a recorder sees it: events, and the file metrics.jsonl that is cut when it is resumed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from nlpx.components.observers.base import Setting
from nlpx.components.observers.events import Evaluated, Event, LossLogged
from nlpx.components.observers.project_recorder import ProjectRecorder
from nlpx.components.observers.run_facts import Ending, RunFacts
from nlpx.engine.observers.recorder import METRICS, Recorder

NLL = {10: 3.0, 20: 2.0, 30: 2.5, 40: float("nan"), 50: 1.75}
EXPECTED = sorted(
    [
        *((step, "train/loss", 100.0 / step) for step in range(5, 51, 5)),
        *((step, "train/learning_rate", 0.1) for step in range(5, 51, 5)),
        *((step, "train/gradient_norm", 1.0) for step in range(5, 51, 5)),
        *((step, "valid/nll", value) for step, value in NLL.items() if value == value),
        *((step, "valid/子集/accuracy", step / 100) for step in NLL),
        *((step, "best/nll", NLL[step]) for step in (10, 20, 50)),
    ]
)
"""All that a record holds of the training: step, name, value."""
FINAL = {"test/nll": 1.5, "test/子集/accuracy": 0.75}
PARAMETERS: dict[str, object] = {
    "task": "couplet",
    "train.epochs": 5,
    "init": None,
    "tricks.0.multipliers.embedding/*": 0.1,
    "tricks.0.multipliers.embedding/?": 0.2,
    "observers": [],
}


def facts(folder: Path, **values: Any) -> RunFacts:
    """Of the run of this script."""
    found = RunFacts(
        folder, "0123456789abcdef", "对联-1", "couplet", "2026-01-01T00:00:00", PARAMETERS, "min"
    )
    return replace(found, **values)


def events() -> list[Event]:
    """Fifty updates."""
    found: list[Event] = []
    for step in range(5, 51, 5):
        found.append(LossLogged(step, 0, loss=100.0 / step, learning_rate=0.1, gradient_norm=1.0))
        if step in NLL:
            metrics = {"valid/nll": NLL[step], "valid/子集/accuracy": step / 100}
            found.append(Evaluated(step, 0, metrics, [], improved=True))
    return found


def play(
    recorder: ProjectRecorder,
    folder: Path,
    *,
    after: int = -1,
    until: int = 50,
    warn: Callable[[str], None] = print,
    ending: Ending | None = "finished",
    before: Callable[[int], None] = lambda step: None,
) -> None:
    """A part of the run.

    Args:
        recorder: not prepared.
        folder: where the record is; the run directory is in it.
        after: resume after this step; -1 begins.
        until: the last step.
        ending: how the run ends; None: it is killed.
        before: called before every event.
    """
    directory = folder / "run"
    directory.mkdir(exist_ok=True)
    files, recorder = Recorder(directory), recorder.prepare()
    if after < 0:
        files.rewind({})
    else:
        _cut(directory / METRICS, after)
    setting = Setting(
        directory,
        None,
        total_steps=50,
        updates_per_epoch=10,
        monitor="valid/nll",
        step=max(after, 0),
        resumed=after >= 0,
    )
    recorder.open(facts(folder, resumed=after >= 0, tags=("good",)), warn)
    for listener in (files, recorder):
        listener.begin(setting)
    for event in events():
        if after < event.step <= until:
            before(event.step)
            for listener in (files, recorder):
                listener.on(event)
    if ending == "interrupted":
        recorder.on(LossLogged(until + 1, 0, loss=9.0, learning_rate=9.0, gradient_norm=9.0, partial=True))
    recorder.end()
    if ending == "finished":
        recorder.evaluated("test", 50, {name.removeprefix("test/"): value for name, value in FINAL.items()})
    if ending is not None:
        recorder.close(ending, ["good", "better"], "of the user")


def _cut(path: Path, step: int) -> None:
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    kept = [line for line in lines if int(line.split(",")[0].removeprefix('{"step": ')) <= step]
    path.write_text("".join(kept), encoding="utf-8")
