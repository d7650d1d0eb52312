"""Run folders as a training leaves them, made without a training."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from nlpx.data.prepared import Counts
from nlpx.runs.directory import RunDirectory, WrittenStatus
from nlpx.runs.snapshot import write_snapshot
from nlpx.specs.experiment import Experiment
from nlpx.specs.sections import TrainSection
from nlpx.tasks.couplet.config import Couplet

HASHES = {"train": "a" * 64, "valid": "b" * 64, "test": "c" * 64}
VOCABULARIES = {"char": "d" * 64}


def couplet(**settings: object) -> Couplet:
    """A config of the task couplet."""
    return Couplet.model_validate({"task": "couplet", **settings})


def make_run(
    root: Path,
    name: str | None = None,
    *,
    experiment: Experiment | None = None,
    status: WrittenStatus | None = "finished",
    valid: dict[int, float] | None = None,
    best: int | None = None,
    test: dict[str, float] | None = None,
    hashes: dict[str, str] | None = None,
    includes: Sequence[Path] = (),
) -> RunDirectory:
    """A run of the task couplet.

    Args:
        valid: NLL on the split valid, by step.
        best: step of the best checkpoint.
        test: metrics of the split test.
        hashes: of the splits.
        includes: plugin files.
    """
    experiment = experiment or couplet(train=TrainSection(epochs=3))
    run = RunDirectory.create(root, experiment, "task: couplet\n", name)
    counts = {split: Counts(rows=100, bad=1, left_out=2) for split in HASHES}
    write_snapshot(
        run,
        experiment,
        fingerprints=hashes or HASHES,
        vocabularies=VOCABULARIES,
        counts=counts,
        includes=includes,
        folder=root,  # in no repository, of which git would be asked for each run
    )
    if status is not None:
        run.set_status(status)
    for step, nll in (valid or {}).items():
        with run.metrics_jsonl.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"step": step, "epoch": 0.5, "train/loss": 9.0}) + "\n")
            file.write(json.dumps({"step": step, "epoch": 0.5, "valid/nll": nll}) + "\n")
        with run.samples.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"step": step, "text": "晚风摇树", "answer": "晨露润花"}) + "\n")
    if best is not None:
        run.best.write_text(f"step-{best:08d}\n", encoding="utf-8")
        run.last.write_text(f"step-{max(valid or [best]):08d}\n", encoding="utf-8")
    if test is not None:
        run.eval_folder.mkdir()
        values = {"split": "test", "step": best or 0, "rows": 50, "metrics": test, "signatures": {}}
        run.eval_path("test").write_text(json.dumps(values), encoding="utf-8")
    return run
