"""In place of `nlpx train`: the same options and the same run directories, but numbers instead of a model.

The metric is a function of the learning rate and the seed; it does not depend on whether a run was killed.
"""

from __future__ import annotations

import json
import math
import os
import random
import signal
import sys
import time
from pathlib import Path

import click

from nlpx.config.load import load_experiment, load_resolved
from nlpx.errors import Diverged, Interrupted
from nlpx.runs.directory import RunDirectory
from nlpx.runs.history import read_history
from nlpx.runs.snapshot import write_snapshot

HASHES = {"train": "a" * 64, "valid": "b" * 64, "test": "c" * 64}
VOCABULARIES = {"char": "d" * 64}
"""Those of tests/runs/making.py, which imports NumPy for a quarter of the time of this process."""
STEPS = 5
STOPPED: list[int] = []
"""The signals that came."""


@click.command()
@click.argument("config", required=False)
@click.option("--seed", type=int)
@click.option("--name")
@click.option("--output", type=Path)
@click.option("--set", "overrides", multiple=True)
@click.option("--resume", type=Path)
def train(
    config: str | None,
    seed: int | None,
    name: str | None,
    output: Path,
    overrides: tuple[str, ...],
    resume: Path | None,
) -> None:
    signal.signal(signal.SIGTERM, lambda number, frame: STOPPED.append(number))
    if resume is not None:
        run = RunDirectory.open(resume)
        experiment = load_resolved(run.resolved).experiment
    else:
        loaded = load_experiment(str(config), [*overrides, f"seed={seed}"])
        experiment = loaded.experiment
        run = RunDirectory.create(output, experiment, loaded.text, name)
        if "FAKE_DIES" in os.environ:
            os.kill(os.getpid(), signal.SIGKILL)
        # The output is in no repository, of which git would be asked for each run.
        write_snapshot(run, experiment, fingerprints=HASHES, vocabularies=VOCABULARIES, folder=output)
    rate = getattr(experiment.optimizer, "learning_rate", 1.0)
    with run.training():
        for step in range(read_history(run).step + 1, STEPS + 1):
            time.sleep(float(os.environ.get("FAKE_SECONDS", "0")))
            if STOPPED:
                raise Interrupted(STOPPED[0], "stopped")
            if rate > 0.5:
                raise Diverged("the loss is nan")
            noise = random.Random(f"{rate} {experiment.seed}").uniform(0, 0.1)
            value = abs(math.log10(rate) + 2) + noise + 1 / step
            with run.metrics_jsonl.open("a", encoding="utf-8") as file:
                file.write(json.dumps({"step": step, "epoch": 1.0, "valid/nll": value}) + "\n")
            run.last.write_text(f"step-{step:08d}\n", encoding="utf-8")
            run.best.write_text(f"step-{step:08d}\n", encoding="utf-8")


if __name__ == "__main__":
    if sys.argv[1:2] != ["train"]:
        sys.exit(2)
    try:
        train(sys.argv[2:], standalone_mode=False)
    except Interrupted as error:
        sys.exit(128 + error.signal_number)
    except Diverged:
        sys.exit(5)
