"""The paths of all files of a run.

OUTPUT/couplet/20261120-231501-a1b2c3/
  config.yaml   as written              resolved.yaml   with all defaults filled in
  snapshot.json code, data, machine     changes.patch   uncommitted changes of the project
  vocabulary/  checkpoints/  best  last  calibration.json  STATUS  lock
  metrics.jsonl  metrics.csv  samples.jsonl  bad_rows.txt  log.txt  framework.log
  eval/SPLIT.json  eval/SPLIT.predictions.jsonl        eval/SPLIT.FILE of metrics
  index/        search index of retrieval tasks
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class RunPaths:
    """The files and folders of a run, which may not exist yet."""

    path: Path

    @property
    def config(self) -> Path:
        return self.path / "config.yaml"

    @property
    def resolved(self) -> Path:
        return self.path / "resolved.yaml"

    @property
    def snapshot(self) -> Path:
        return self.path / "snapshot.json"

    @property
    def patch(self) -> Path:
        return self.path / "changes.patch"

    @property
    def vocabulary(self) -> Path:
        """Folder of the vocabularies."""
        return self.path / "vocabulary"

    @property
    def calibration(self) -> Path:
        """Values chosen on the validation split after training, for tasks that need this."""
        return self.path / "calibration.json"

    @property
    def checkpoints(self) -> Path:
        """Folder of the checkpoints."""
        return self.path / "checkpoints"

    @property
    def best(self) -> Path:
        """File with the name of the best checkpoint."""
        return self.path / "best"

    @property
    def last(self) -> Path:
        """File with the name of the last checkpoint."""
        return self.path / "last"

    @property
    def status_file(self) -> Path:
        return self.path / "STATUS"

    @property
    def metrics_jsonl(self) -> Path:
        return self.path / "metrics.jsonl"

    @property
    def samples(self) -> Path:
        return self.path / "samples.jsonl"

    @property
    def lock(self) -> Path:
        """File locked by the process that trains in the run."""
        return self.path / "lock"

    @property
    def log(self) -> Path:
        """Everything that was printed, with timestamps."""
        return self.path / "log.txt"

    @property
    def framework_log(self) -> Path:
        """Startup messages of TensorFlow."""
        return self.path / "framework.log"

    @property
    def bad_rows(self) -> Path:
        """List of the rows skipped by `on_bad_line: skip`."""
        return self.path / "bad_rows.txt"

    @property
    def index_folder(self) -> Path:
        """Search index of retrieval tasks."""
        return self.path / "index"

    @property
    def eval_folder(self) -> Path:
        return self.path / "eval"

    def eval_path(self, split: str) -> Path:
        """Metrics of a split."""
        return self.eval_folder / f"{split}.json"

    def predictions_path(self, split: str) -> Path:
        """Predictions for the rows of a split."""
        return self.eval_folder / f"{split}.predictions.jsonl"

    def metric_file(self, split: str, name: str) -> Path:
        """A file that a metric of a split writes."""
        return self.eval_folder / f"{split}.{name}"
