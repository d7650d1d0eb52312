"""Random recipes of training: tricks, optimizer, schedule, accumulation and precision, by a number."""

from __future__ import annotations

import random
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from nlpx.config.load import load_experiment
from nlpx.config.problems import ConfigProblems
from nlpx.core.component import builtin_registry
from nlpx.specs.document import documentation
from nlpx.specs.experiment import Experiment

FALLING: dict[str, Any] = {"value": 0.4, "schedule": "linear"}
TASKS: dict[str, dict[str, Any]] = {
    "sentiment": {
        "model": {"embedding": {"dim": 8}, "encoder": [{"type": "conv", "filters": 8, "dropout": FALLING}]}
    },
    "couplet": {"model": {"embedding": {"dim": 8}, "encoder": [{"type": "gated_conv", "dropout": 0.2}]}},
    "segmentation": {"model": {"embedding": {"dim": 8}, "encoder": [{"type": "conv", "filters": 8}]}},
}
MOST = 5
DRAWS = {"virtual_adversarial"}
"""Tricks that draw random numbers for every position, those of padding included."""
REFUSED = {"C109", "C201", "C212", "C223", "C224", "C225", "C226", "C227"}
"""Codes of problems of recipes that make no sense."""


@cache
def examples(kind: str) -> list[object]:
    """What the documentation shows of every component of a kind, which is valid for all tasks of texts."""
    found: list[object] = []
    for entry in builtin_registry():
        if entry.kind == kind:
            shown = yaml.safe_load(documentation(entry.component).example)
            found += shown["tricks"] if kind == "trick" else [shown["optimizer"]]
    for example in found:
        if isinstance(example, dict) and example["type"] == "by_variable":  # its example is for an LSTM
            example["groups"][0]["variables"] = ["*kernel"]
    return found


def drawn(number: int) -> dict[str, Any]:
    """A recipe, which may not be valid."""
    chance = random.Random(number)
    optimizers, schedules = examples("optimizer"), examples("schedule")
    optimizer = chance.choice(optimizers)
    schedule = chance.choice([s["schedule"] for s in schedules if isinstance(s, dict) and "schedule" in s])
    assert isinstance(optimizer, dict)
    tricks = chance.sample(examples("trick"), chance.randint(1, MOST))
    return {
        "task": list(TASKS)[number % len(TASKS)],
        "optimizer": {**optimizer, "schedule": schedule},
        "tricks": tricks,
        "train": {
            "steps": 4,
            "batch_size": 8,
            "buckets": [16, 128],
            "accumulation": chance.randint(1, 3),
            "precision": chance.choice(["float32", "mixed_bfloat16", "mixed_float16"]),
            "log_every": 2,
            "evaluate_every": 2,
        },
    }


def undisturbed(recipe: dict[str, Any]) -> dict[str, Any]:
    """A recipe in float32, without random numbers that depend on the number of positions.

    Its optimizer is SGD, as others turn the rounding errors of a gradient of 0 into whole steps.
    """
    model = deepcopy(TASKS[recipe["task"]]["model"])
    model["encoder"][0].pop("dropout", None)
    ngrams = {} if recipe["task"] == "couplet" else {"ngrams": [{"size": 2, "dim": 4, "min_count": 2}]}
    model["embedding"].update(dropout=0.0, **ngrams)
    return {
        **recipe,
        "model": model,
        "optimizer": {"type": "sgd", "schedule": recipe["optimizer"]["schedule"]},
        "tricks": [t for t in recipe["tricks"] if (t if isinstance(t, str) else t["type"]) not in DRAWS],
        "train": {**recipe["train"], "precision": "float32"},
    }


def valid_recipe(recipe: dict[str, Any], folder: Path) -> Experiment | None:
    """The experiment of a recipe; None if `nlpx check` refuses it for a reason that it gives."""
    config = {
        **TASKS[recipe["task"]],
        **recipe,
        "data": {"limit": 60},
        "samples": [],
        "metrics": ["nll"],
    }
    config["checkpoint"] = {"monitor": "valid/nll", "every": 1, "keep_last": 4}
    path = folder / "recipe.yaml"
    path.write_text(yaml.safe_dump(config, allow_unicode=True), encoding="utf-8")
    try:
        return load_experiment(path).experiment
    except ConfigProblems as error:
        codes = {problem.code for problem in error.problems}
        assert codes <= REFUSED, str(error)
        return None
