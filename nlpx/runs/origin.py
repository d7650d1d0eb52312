"""What the predictions of a run follow from, by which its bundle is recognized."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from nlpx.config.paths import local_paths
from nlpx.core.files import file_hash
from nlpx.errors import DamagedRun
from nlpx.runs.config import READING
from nlpx.runs.directory import MANIFEST, RunDirectory
from nlpx.runs.files import SMALL, read_file
from nlpx.specs.experiment import Experiment

POINTERS = ("best", "last")
STEP = re.compile(r"step-\d{8,18}")
STEP_DIGITS = 8


def checkpoint_name(run: RunDirectory, checkpoint: str) -> str:
    """The name of the folder of a checkpoint, which may not exist; does not import Keras.

    Args:
        run: a run.
        checkpoint: best, last, or a step.
    """
    name = f"step-{checkpoint.rjust(STEP_DIGITS, '0')}"
    if checkpoint in POINTERS:
        name = ""
        with suppress(DamagedRun):  # which is reported when the checkpoint is loaded
            name = read_file(run.path / checkpoint, SMALL).decode("utf-8", "replace").strip()
    return name if STEP.fullmatch(name) else ""


def origin(run: RunDirectory, checkpoint: str, experiment: Experiment) -> str:
    """SHA-256 of the hashes of a checkpoint, the config, the calibration, and the files that these read.

    Args:
        run: a run.
        checkpoint: best, last, or a step.
        experiment: its config.
    """
    name = checkpoint_name(run, checkpoint)
    paths = [run.checkpoints / name / MANIFEST, run.resolved, run.calibration]
    paths += [Path(value) for path, value, _ in local_paths(experiment) if path[0] in READING]
    return hashlib.sha256(" ".join(hashes_of(paths)).encode()).hexdigest()


def hashes_of(paths: Sequence[Path | None]) -> list[str]:
    """SHA-256 of files; empty for those that cannot be read, which is reported by whoever needs them."""
    found = []
    for path in paths:
        try:
            found.append("" if path is None else file_hash(path))
        except OSError:
            found.append("")
    return found
