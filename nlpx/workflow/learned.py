"""The state of a run besides its weights: vocabularies, keys of the training rows, calibration."""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from nlpx.core.files import replace_file
from nlpx.data.codec import Codec
from nlpx.data.keys import KeySet
from nlpx.errors import DamagedRun, EnvironmentProblem
from nlpx.runs.directory import RunDirectory
from nlpx.runs.files import read_file, read_json
from nlpx.runs.record import Snapshot
from nlpx.text.vocabulary import Vocabulary

KEYS = "keys.u64"
LARGEST_VOCABULARY = 1 << 30
"""Bytes; a vocabulary of a million words has about twenty million, one of 400,000 entities with descriptions
some hundred million."""
NAME = re.compile(r"\w[\w.-]*")
"""Valid names of vocabularies, which are used as file names."""
SHOWN = 40
DELETE_CALIBRATION = "Delete it to use default values."


def save_vocabularies(folder: Path, vocabularies: Mapping[str, Vocabulary], keys: KeySet) -> None:
    """Write the vocabularies and the keys of the training rows for `open_model`.

    Raises:
        EnvironmentProblem: the folder cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, vocabulary in vocabularies.items():
            vocabulary.save(folder / f"{name}.json")
        keys.save(folder / KEYS)
    except OSError as error:
        raise EnvironmentProblem(
            f"{folder}: cannot be written: {error.strerror or error}. Free space, or choose another folder "
            "with --output."
        ) from error


def load_vocabularies(run: RunDirectory, codec: Codec[Any]) -> dict[str, Vocabulary]:
    """The vocabularies of a run, by name.

    Raises:
        DamagedRun: one has changed since training, or one that the task requires is missing.
    """
    found = {}
    for name, sha256 in Snapshot.of(run).vocabularies.items():
        if not NAME.fullmatch(name):
            raise DamagedRun(run.snapshot, f"{name[:SHOWN]!r} is not a valid name of a vocabulary")
        path = run.vocabulary / f"{name}.json"
        content = read_file(path, LARGEST_VOCABULARY)
        if hashlib.sha256(content).hexdigest() != sha256:
            raise DamagedRun(
                path, "this is not the vocabulary that the run was trained with (its SHA-256 differs)"
            )
        try:
            found[name] = Vocabulary.from_json(content)
        except ValueError as error:
            raise DamagedRun(path, f"not a vocabulary of nlpx: {error}") from None
    if missing := missing_vocabularies(codec, found):
        raise DamagedRun(run.snapshot, f"vocabularies are missing: {', '.join(missing)}")
    return found


def missing_vocabularies(codec: Codec[Any], found: Mapping[str, Vocabulary]) -> list[str]:
    """The names of the vocabularies that a codec requires and that are not there."""
    return sorted({*codec.min_counts, *codec.derived} - found.keys())


def load_keys(run: RunDirectory) -> KeySet:
    """The keys of the training rows; raises DamagedRun."""
    path = run.vocabulary / KEYS
    try:
        return KeySet.load(path)
    except FileNotFoundError:
        raise DamagedRun(path, "there is no such file") from None
    except (OSError, ValueError) as error:
        raise DamagedRun(path, str(error)) from None


def save_calibration(run: RunDirectory, chosen: Mapping[str, float]) -> None:
    """Store the values chosen on the validation split."""
    if chosen:
        replace_file(run.calibration, json.dumps(dict(chosen)) + "\n")


def read_calibration(run: RunDirectory) -> dict[str, float]:
    """The values chosen on the validation split; empty before training has ended.

    Raises:
        DamagedRun: the file is damaged.
    """
    if not run.calibration.exists():
        return {}
    chosen = read_json(run.calibration)
    if not isinstance(chosen, dict) or not all(
        type(value) in (int, float) and math.isfinite(value) for value in chosen.values()
    ):
        raise DamagedRun(
            run.calibration,
            "expected a JSON object of numbers",
            DELETE_CALIBRATION,
        )
    return {name: float(value) for name, value in chosen.items()}
