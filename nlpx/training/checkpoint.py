"""Checkpoints: folders that are whole or not there.

checkpoints/step-00001000/weights.npz    the model's variables as evaluation sees them
                          state.npz      every variable of the training
                          progress.json  counters
                          manifest.json  sha256 of the three
best, last                               names of checkpoints, one line each
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np

from nlpx.errors import CheckpointError, EnvironmentProblem
from nlpx.training.state import Arrays, Progress

FORMAT = 1
WEIGHTS, STATE, PROGRESS, MANIFEST = "weights.npz", "state.npz", "progress.json", "manifest.json"


class Checkpoints:
    """The checkpoints of one run directory."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.folder = directory / "checkpoints"

    def steps(self) -> list[int]:
        """Steps of the checkpoints that are there, in order."""
        return sorted(int(path.name.removeprefix("step-")) for path in self.folder.glob("step-*[0-9]"))

    def path(self, step: int) -> Path:
        return self.folder / f"step-{step:08d}"

    def resolve(self, which: str) -> int:
        """The step that `best`, `last` or a number means.

        Raises:
            CheckpointError: there is no such checkpoint; the message lists those there are.
        """
        steps = self.steps()
        pointer = self.directory / which
        if which in ("best", "last") and pointer.is_file():
            step = int(pointer.read_text(encoding="utf-8").strip().removeprefix("step-"))
        elif which.isdigit():
            step = int(which)
        else:
            raise CheckpointError(
                f"{self.directory}: there is no checkpoint {which!r}. Expected best, last or one of {_list(steps)}."
            )
        if step not in steps:
            raise CheckpointError(
                f"{self.folder}: there is no checkpoint of step {step}. There is {_list(steps)}."
            )
        return step

    def save(self, arrays: Arrays, weights: Arrays, progress: Progress) -> Path:
        """Write a checkpoint under a temporary name, make it durable, then give it its name.

        Raises:
            EnvironmentProblem: the disk is full or the folder cannot be written; what was there before stays.
        """
        path = self.path(progress.step)
        temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            shutil.rmtree(temporary, ignore_errors=True)
            temporary.mkdir()
            _write(temporary / WEIGHTS, lambda file: np.savez(file, **weights))
            _write(temporary / STATE, lambda file: np.savez(file, **arrays))
            text = json.dumps(progress.to_json(), ensure_ascii=False)
            _write(temporary / PROGRESS, lambda file: file.write(text.encode()))
            hashes = {name: file_hash(temporary / name) for name in (WEIGHTS, STATE, PROGRESS)}
            manifest = json.dumps({"format": FORMAT, "step": progress.step, "sha256": hashes}, indent=1)
            _write(temporary / MANIFEST, lambda file: file.write(manifest.encode()))
            if path.exists():
                shutil.rmtree(path)
            temporary.rename(path)
            _sync_folder(self.folder)
        except OSError as error:
            shutil.rmtree(temporary, ignore_errors=True)
            raise EnvironmentProblem(
                f"{path}: the checkpoint of step {progress.step} could not be written: {error.strerror or error}. "
                f"Earlier checkpoints are untouched ({_list(self.steps())}). Free space or fix the folder, then "
                f"go on with: nlpx train --resume {self.directory}"
            ) from error
        return path

    def point(self, name: str, step: int) -> None:
        """Let `best` or `last` name a checkpoint, at once or not at all."""
        replace_file(self.directory / name, f"{self.path(step).name}\n")

    def prune(self, keep: set[int]) -> None:
        """Remove all checkpoints but these, and what interrupted writes have left."""
        for step in self.steps():
            if step not in keep:
                shutil.rmtree(self.path(step), ignore_errors=True)
        for left in self.folder.glob(".step-*.tmp"):
            shutil.rmtree(left, ignore_errors=True)

    def load_weights(self, step: int) -> Arrays:
        """The model's variables as evaluation sees them."""
        return self._load(step, WEIGHTS)

    def load_state(self, step: int) -> tuple[Arrays, Progress]:
        """Every variable of the training, and its counters."""
        arrays = self._load(step, STATE)
        self._verify(step, PROGRESS)
        text = (self.path(step) / PROGRESS).read_text(encoding="utf-8")
        return arrays, Progress.from_json(json.loads(text))

    def _load(self, step: int, name: str) -> Arrays:
        self._verify(step, name)
        with np.load(self.path(step) / name, allow_pickle=False) as archive:
            return {key: archive[key] for key in archive.files}

    def _verify(self, step: int, name: str) -> None:
        path = self.path(step) / name
        try:
            manifest = json.loads((self.path(step) / MANIFEST).read_text(encoding="utf-8"))
            expected, found = manifest["sha256"][name], file_hash(path)
        except (OSError, ValueError, KeyError) as error:
            raise CheckpointError(f"{path}: damaged: {error}. {self._others(step)}") from None
        if expected != found:
            raise CheckpointError(
                f"{path}: damaged: its sha256 is {found[:12]}…, the manifest says {expected[:12]}…. "
                + self._others(step)
            )

    def _others(self, step: int) -> str:
        others = [other for other in self.steps() if other != step]
        if not others:
            return "There is no other checkpoint; train again."
        return f"Use another one with --checkpoint: {_list(others[::-1])}."


def file_hash(path: Path) -> str:
    """sha256 of a file, as hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def replace_file(path: Path, text: str) -> None:
    """Write a small file so that a reader sees the old text or the new one."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    _write(temporary, lambda file: file.write(text.encode()))
    temporary.replace(path)
    _sync_folder(path.parent)


def _write(path: Path, fill: Callable[..., object]) -> None:
    with path.open("wb") as file:
        fill(file)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _list(steps: list[int]) -> str:
    return ", ".join(map(str, steps)) or "none"
