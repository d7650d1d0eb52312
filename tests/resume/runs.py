"""The run that is killed and resumed, and what must be equal afterwards."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import tensorflow as tf

from nlpx.components.observers.base import Listener
from nlpx.components.observers.events import Event
from nlpx.engine.checkpoint import Checkpoints
from nlpx.engine.train import Outcome, train
from tests.engine.toy import toy_job

SECTIONS: dict[str, object] = {
    "train": {"epochs": 4, "accumulation": 3, "log_every": 4, "evaluate_every": 5},
    "checkpoint": {"every": 2, "keep_best": 2, "keep_last": 2},
    "tricks": [
        {"type": "word_dropout", "rate": 0.2},
        {"type": "gradient_clip", "norm": 0.1},
        {"type": "ema", "momentum": 0.8},
    ],
    "optimizer": {"type": "adam", "learning_rate": 0.02, "schedule": {"type": "cosine", "warmup_steps": 5}},
}
"""Dropout, of words too, accumulation, clipping, EMA, a schedule; 24 updates."""


class Killed(BaseException):
    """Stands for SIGKILL: nobody catches it, nothing is saved because of it."""


class KillAt(Listener):
    """Raises at one event, the first being 1."""

    def __init__(self, number: int) -> None:
        self._left = number

    def on(self, event: Event) -> None:
        self._left -= 1
        if not self._left:
            raise Killed


def run(directory: Path, *observers: Listener, resume: bool = False) -> Outcome:
    """Train, or go on, in what could be a new process: everything is built anew."""
    make_alike()
    return train(replace(toy_job(directory, **SECTIONS), observers=observers, resume=resume))


def killed_again_and_again(run: Callable[..., Outcome], directory: Path, event: int) -> int:
    """Kill a run at such an event and resume it, until it ends; how often that was, at most 20 times."""
    for kills in range(20):
        try:
            run(directory, KillAt(event), resume=kills > 0)
        except Killed:
            continue
        return kills
    return 20


def make_alike() -> None:
    """Compute here as in other processes, where no test before has switched this on already."""
    tf.config.experimental.enable_op_determinism()


def left_behind(directory: Path) -> dict[str, bytes]:
    """All that a run leaves and that must not depend on how often it was killed."""
    files = {name: (directory / name).read_bytes() for name in FILES}
    for step in Checkpoints(directory).steps():
        for path in sorted(Checkpoints(directory).path(step).iterdir()):
            files[f"{step}/{path.name}"] = path.read_bytes()
    return files


FILES = ("metrics.jsonl", "metrics.csv", "samples.jsonl", "best", "last")


def same(first: Path, second: Path) -> None:
    """Assert that two runs left the same bytes: weights, optimizer, seeds, averages, progress, records."""
    one, other = left_behind(first), left_behind(second)
    assert sorted(one) == sorted(other)
    assert [name for name in one if one[name] != other[name]] == []


def logged_steps(directory: Path) -> list[int]:
    text = (directory / "metrics.jsonl").read_text(encoding="utf-8")
    return [json.loads(line)["step"] for line in text.splitlines()]
