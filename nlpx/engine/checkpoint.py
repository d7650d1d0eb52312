"""Checkpoints: folders that are whole or not there.

checkpoints/step-00001000/weights.npz     the weights of the model that evaluation used
                          state.npz       every variable: of the model, the objectives and the phases
                          state.json      progress
                          manifest.json   format, step, size and sha256 of these files; state may be missing
best, last                                names of checkpoints, one line each

Format 1 knew one phase, and class vectors were weights of the model: of it the weights are read, not the
states.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar, cast

import keras
import numpy as np

from nlpx.core.files import Unreadable, file_hash, make_folder, read_regular, replace_file, sync_path
from nlpx.core.json_text import parse_json
from nlpx.engine.arrays import read_arrays, write_arrays, write_bytes
from nlpx.engine.state import Arrays, Progress, State, assign, numbered
from nlpx.engine.update import floating
from nlpx.errors import CheckpointError, EnvironmentProblem

FORMAT = 2
WEIGHTS, STATE, PROGRESS, MANIFEST = "weights.npz", "state.npz", "state.json", "manifest.json"
BEST, LAST = "best", "last"
NAME = re.compile(r"step-([0-9]{8,18})")
LARGEST = 1 << 22
"""Bytes of the largest file that holds no arrays."""
LARGEST_ARRAYS = 1 << 34
ReadT = TypeVar("ReadT")


class Checkpoints:
    """The checkpoints of one run.

    Args:
        directory: the run directory.
    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.folder = directory / "checkpoints"

    def path(self, step: int) -> Path:
        """Folder of the checkpoint of a step."""
        return self.folder / f"step-{step:08d}"

    def steps(self) -> list[int]:
        """Steps of the checkpoints that are there, in order."""
        if not self._is_there():
            return []
        names = (NAME.fullmatch(path.name) for path in self.folder.iterdir())
        return sorted(int(name[1]) for name in names if name is not None)

    def resolve(self, which: str | int) -> int:
        """The step that `best`, `last` or a number means.

        Raises:
            CheckpointError: there is no such checkpoint; the message lists those there are.
        """
        steps, text = self.steps(), str(which)
        if text in (BEST, LAST):
            step = self._pointed(text)
        else:
            step = int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else None
        if step in steps:
            return int(step)
        there = f"There are: {', '.join(map(str, steps))}." if steps else "The run has saved none yet."
        raise CheckpointError(
            f"{self.directory}: there is no checkpoint {which!r}; expected best, last or a step. {there}"
        )

    def save(self, state: State, weights: Arrays) -> Path:
        """Write a checkpoint under a temporary name, make it durable, then name it.

        Args:
            state: the complete state.
            weights: of the model, as evaluation uses them, by `numbered("weights", ...)`.

        Raises:
            EnvironmentProblem: the disk is full or the folder cannot be written; earlier checkpoints stay.
        """
        more = {
            STATE: lambda file: write_arrays(file, state.arrays()),
            PROGRESS: lambda file: write_bytes(file, state.progress.to_json().encode()),
        }
        return self._publish(state.progress.step, weights, more)

    def save_weights(self, step: int, weights: Arrays) -> Path:
        """Write a checkpoint that can be used but not trained on; as `save`."""
        return self._publish(step, weights, {})

    def _publish(self, step: int, weights: Arrays, more: Mapping[str, Callable[[Path], None]]) -> Path:
        path = self.path(step)
        temporary = self.folder / f".{path.name}.tmp"
        try:
            make_folder(self.folder)
            shutil.rmtree(temporary, ignore_errors=True)
            temporary.mkdir()
            write_arrays(temporary / WEIGHTS, weights)
            for name, write in more.items():
                write(temporary / name)
            write_bytes(temporary / MANIFEST, _manifest(temporary, step, [WEIGHTS, *more]).encode())
            sync_path(temporary)
            if path.exists():
                path.rename(self.folder / f".{path.name}.old")
            temporary.rename(path)
            sync_path(self.folder)
        except OSError as error:
            raise self._unwritable(path, error) from error
        finally:
            self.recover()
        return path

    def settle(self, progress: Progress, keep_last: int) -> None:
        """Point `best` and `last` to what a complete state says; then remove checkpoints that nothing keeps.

        Raises:
            EnvironmentProblem: the pointers cannot be written; nothing is removed.
        """
        until = [step for step in self.steps() if step <= progress.step]
        if progress.best:
            replace_file(self.directory / BEST, self.path(progress.best[0][0]).name + "\n")
        if until:
            replace_file(self.directory / LAST, self.path(until[-1]).name + "\n")
        kept = {*until[-keep_last:], *(step for step, _ in progress.best)}
        for step in self.steps():
            if step not in kept:
                shutil.rmtree(self.path(step), ignore_errors=True)

    def recover(self) -> None:
        """Put right what a write that did not come to its end has left. Not while another process writes."""
        if not self._is_there():
            return
        for replaced in self.folder.glob(".step-*.old"):
            path = self.folder / replaced.name.removeprefix(".").removesuffix(".old")
            if path.exists():
                shutil.rmtree(replaced, ignore_errors=True)
            else:
                replaced.rename(path)
        for temporary in self.folder.glob(".step-*.tmp"):
            shutil.rmtree(temporary, ignore_errors=True)

    def load(self, step: int) -> tuple[dict[str, np.ndarray], Progress]:
        """Every variable of a training run, and its progress.

        Raises:
            CheckpointError: the checkpoint is damaged, or of format 1; the message names the file and another
                checkpoint.
        """
        path = self.path(step)
        _, progress = _checked(path, PROGRESS, lambda file: Progress.from_json(_read(file)))
        return _checked(path, STATE, read_arrays)[1], progress

    def _is_there(self) -> bool:
        # What lies behind a link is not the run's to remove.
        return self.folder.is_dir() and not self.folder.is_symlink()

    def _pointed(self, name: str) -> int | None:
        pointer = self.directory / name
        if pointer.is_file():
            try:
                content = _read(pointer)
            except Unreadable as error:
                raise CheckpointError(
                    f"{pointer}: cannot be read: {error}. Write the name of a folder in checkpoints/ to it, "
                    "or name a step."
                ) from None
            found = NAME.fullmatch(content.decode("utf-8", "replace").strip())
            return int(found[1]) if found else None
        return self.steps()[-1] if name == LAST and self.steps() else None

    def _unwritable(self, path: Path, error: OSError) -> EnvironmentProblem:
        steps = self.steps()
        good = (
            f"The checkpoint of step {steps[-1]} is untouched" if steps else "No checkpoint was saved before"
        )
        return EnvironmentProblem(
            f"{path}: the checkpoint cannot be written: {error.strerror or error}. {good}. "
            f"Free space or make the folder writable, then: nlpx train --resume {self.directory}"
        )


def load_weights(model: keras.layers.Layer, checkpoint: Path) -> None:
    """Set the weights of a built model to those that evaluation used at a checkpoint, a folder.

    Raises:
        CheckpointError: the checkpoint is missing, of another model, or damaged; then the message names the
            file and another checkpoint.
    """
    version, arrays = _checked(checkpoint, WEIGHTS, read_arrays, oldest=1)
    named = dict(numbered("weights", floating(model.weights)))
    if version == 1:
        # What is the objective's now, class vectors, followed the other weights.
        arrays = dict(islice(arrays.items(), len(named)))
    assign(named.items(), arrays)


def read_weights(checkpoint: Path) -> dict[str, np.ndarray]:
    """The weights that `load_weights` would set, by `numbered("weights", ...)`; raises CheckpointError."""
    return _checked(checkpoint, WEIGHTS, read_arrays, oldest=1)[1]


def _checked(
    checkpoint: Path, name: str, read: Callable[[Path], ReadT], oldest: int = FORMAT
) -> tuple[int, ReadT]:
    """The format of a checkpoint, and a file of it that has the hash which its manifest tells."""
    path, run = checkpoint / name, checkpoint.parent.parent
    if not checkpoint.is_dir():
        raise CheckpointError(f"{checkpoint}: there is no such checkpoint. {_other(checkpoint)}")
    try:
        manifest = cast(dict[str, Any], parse_json(_read(checkpoint / MANIFEST)))
        entry, version = manifest["files"][name], manifest["format"]
        expected, size = str(entry["sha256"]), int(entry["size"])
    except (OSError, Unreadable, KeyError, TypeError, ValueError, OverflowError) as error:
        raise CheckpointError(
            f"{checkpoint / MANIFEST}: damaged: {type(error).__name__}: {error}. {_other(checkpoint)}"
        ) from error
    if version not in range(oldest, FORMAT + 1):
        advice = "Use the version of nlpx that wrote this run."
        if version == 1:
            advice = f"It can be evaluated, but not trained on. Train again: nlpx train {run / 'config.yaml'}"
        raise CheckpointError(
            f"{checkpoint / MANIFEST}: format {str(version)[:40]}, expected {FORMAT}. {advice}"
        )
    try:
        # First: the hash of a file that is vast, if mostly holes, would take hours.
        there = path.lstat().st_size
        if there > LARGEST_ARRAYS:
            raise Unreadable(f"it has {there:,} bytes; at most {LARGEST_ARRAYS:,} are read")
        if there != size:
            damage = f"it has {there:,} bytes, the manifest says {size:,}"
        elif (found := file_hash(path, follow=False)) != expected:
            damage = f"its sha256 is {found[:12]}, the manifest says {expected[:12]}"
        else:
            return version, read(path)
    except (OSError, ValueError, Unreadable) as error:
        raise CheckpointError(f"{path}: cannot be read: {error}. {_other(checkpoint)}") from error
    raise CheckpointError(f"{path}: damaged: {damage}. {_other(checkpoint)}")


def _read(path: Path) -> bytes:
    return read_regular(path, LARGEST, follow=False)


def _other(checkpoint: Path) -> str:
    """Which checkpoint can be used instead: the newest before, else the newest at all."""
    checkpoints = Checkpoints(checkpoint.parent.parent)
    match = NAME.fullmatch(checkpoint.name)
    step = int(match[1]) if match else -1
    others = sorted((other for other in checkpoints.steps() if other != step), key=lambda s: (s < step, s))
    if not others:
        return "The run has no other checkpoint: train again."
    return f"The checkpoint of step {others[-1]} is there too: use it with --checkpoint {others[-1]}."


def _manifest(folder: Path, step: int, names: Sequence[str]) -> str:
    files = {
        name: {"sha256": file_hash(folder / name), "size": (folder / name).stat().st_size} for name in names
    }
    return json.dumps({"format": FORMAT, "step": step, "files": files}, indent=1)
