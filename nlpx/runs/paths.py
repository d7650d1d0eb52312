"""The paths of all files of a run.

OUTPUT/couplet/20261120-231501-a1b2c3/
  config.yaml   as written              resolved.yaml   with all defaults filled in
  snapshot.json code, data, machine     changes.patch   uncommitted changes of the project
  vocabulary/  checkpoints/  best  last  calibration.json  STATUS  lock
  metrics.jsonl  metrics.csv  samples.jsonl  samples/  bad_rows.txt  log.txt  framework.log
  eval/SPLIT.json  eval/SPLIT.predictions.jsonl        eval/SPLIT.FILE of metrics
  index/        search index of retrieval tasks      results/   files of the best checkpoint
  bundle/       the best checkpoint as a bundle, see `nlpx.runs.bundle`
  report.html   what `nlpx report` shows
  notes.json    tags and a note of the user
  sweep.json    of a run of a sweep: the trial, seconds of training, whether it was stopped early
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


class _Inside:
    """The path of a file or folder of a run, as an attribute of the run."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __get__(self, run: RunPaths, owner: type[RunPaths]) -> Path:
        return run.path / self._name


@dataclass(frozen=True)
class RunPaths:
    """The files and folders of a run, which may not exist yet."""

    path: Path

    config = _Inside("config.yaml")
    resolved = _Inside("resolved.yaml")
    snapshot = _Inside("snapshot.json")
    patch = _Inside("changes.patch")
    vocabulary = _Inside("vocabulary")
    calibration = _Inside("calibration.json")
    """Values chosen on the validation split after training, for tasks that need this."""
    checkpoints = _Inside("checkpoints")
    best = _Inside("best")
    """File with the name of the best checkpoint; `last` is that of the last one."""
    last = _Inside("last")
    status_file = _Inside("STATUS")
    metrics_jsonl = _Inside("metrics.jsonl")
    samples = _Inside("samples.jsonl")
    lock = _Inside("lock")
    """File locked by the process that trains in the run."""
    log = _Inside("log.txt")
    """Everything that was printed, with timestamps."""
    framework_log = _Inside("framework.log")
    """Startup messages of TensorFlow."""
    bad_rows = _Inside("bad_rows.txt")
    """List of the rows skipped by `on_bad_line: skip`."""
    index_folder = _Inside("index")
    """Search index of retrieval tasks."""
    eval_folder = _Inside("eval")
    bundle = _Inside("bundle")
    notes = _Inside("notes.json")
    sweep = _Inside("sweep.json")
    results = _Inside("results")
    """Files of the best checkpoint for other programs, such as vectors."""
    report = _Inside("report.html")
    sample_images = _Inside("samples")
    """Images of evaluations."""

    def eval_path(self, split: str) -> Path:
        """Metrics of a split."""
        return self.eval_folder / f"{split}.json"

    def predictions_path(self, split: str) -> Path:
        """Predictions for the rows of a split."""
        return self.eval_folder / f"{split}.predictions.jsonl"

    def metric_file(self, split: str, name: str) -> Path:
        """A file that a metric of a split writes."""
        return self.eval_folder / f"{split}.{name}"
