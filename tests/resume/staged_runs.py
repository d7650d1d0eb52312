"""A run in stages that is killed and resumed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from nlpx.components.observers.base import Listener
from nlpx.engine.train import Outcome, train
from tests.engine.staged_toy import staged_job
from tests.resume.runs import make_alike

SECTIONS: dict[str, object] = {
    "train": {
        "stages": [
            {"steps": 7, "trainable_from": "hidden"},
            {"epochs": 1, "trainable_from": "block2", "optimizer": {"type": "sgd", "momentum": 0.9}},
        ],
        "accumulation": 2,
        "log_every": 3,
    },
    "checkpoint": {"every": 2, "keep_best": 2, "keep_last": 2},
    "tricks": [{"type": "ema", "momentum": 0.8}],
    "optimizer": {"type": "adam", "learning_rate": 0.02, "schedule": {"type": "cosine", "warmup_steps": 2}},
}
"""Batch normalization and dropout, accumulation, EMA, schedules; stages end after 7 and 12 updates."""


def run_staged(directory: Path, *observers: Listener, resume: bool = False) -> Outcome:
    """Train, or go on, in what could be a new process: everything is built anew."""
    make_alike()
    return train(replace(staged_job(directory, **SECTIONS), observers=observers, resume=resume))
