"""Export a run as a bundle, which is written after it has been compared with the run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from nlpx import __version__
from nlpx.config.dump import dump_experiment
from nlpx.config.paths import local_paths, replace_path
from nlpx.core.scratch import scratch
from nlpx.errors import DataError, UsageError
from nlpx.runs.bundle import CARD, CONFIG, FILES, FORMAT, KEYS, VOCABULARY
from nlpx.runs.bundle_files import expect_free, write_bundle
from nlpx.runs.config import READING
from nlpx.runs.manifest import Manifest
from nlpx.runs.origin import origin
from nlpx.runs.record import Snapshot
from nlpx.specs.experiment import Experiment
from nlpx.specs.predictor import Say, unheard
from nlpx.workflow.card import BundleFacts, card
from nlpx.workflow.convert import convert
from nlpx.workflow.model import OpenModel
from nlpx.workflow.onnx_graphs import expect_exporter
from nlpx.workflow.rounded import Compared

UNUSED = {"name", "init", "optimizer", "tricks", "checkpoint", "observers", "samples", "export"}
"""Sections that predictions do not depend on."""


@dataclass(frozen=True)
class Exported:
    """A bundle that was written.

    Attributes:
        bytes: its size.
        texts, rows: how many were compared.
        rounded: what int8 weights change.
        tied: how many of those have another prediction, because of a tie.
    """

    path: Path
    bytes: int
    texts: int
    rows: int
    rounded: Compared | None = None
    tied: int = 0


def refuse_unexportable(experiment: Experiment, *, onnx: bool = True) -> None:
    """Check whether a run can be exported; needs no model.

    Args:
        experiment: its config.
        onnx: whether to ONNX.

    Raises:
        UsageError: its task, or its precision, is not supported.
        EnvironmentProblem: a package that exports need is not installed.
    """
    if not experiment.can_be_exported():
        reason = f": {experiment.unexportable}" if experiment.unexportable else ""
        raise UsageError(
            f"runs of the task {experiment.type} cannot be exported{reason}. Use the run itself."
        )
    if experiment.train.precision != "float32":
        raise UsageError(
            f"this run cannot be exported: train.precision is {experiment.train.precision}. Expected float32."
        )
    if onnx:
        expect_exporter()


def export_bundle(model: OpenModel, path: Path, say: Say = unheard, *, int8: bool = False) -> Exported:
    """Write the model of a run as a new folder, or zip file.

    Args:
        model: with the weights of a checkpoint; its predictor is prepared.
        path: the folder, or FILE.zip.
        say: called with messages about slow operations.
        int8: quantize the weights, after the comparison of those of float32.

    Raises:
        UsageError: the path exists, or the model does not convert.
        EnvironmentProblem: the exported model does not agree with the run, or the folder cannot be written.
        DataError: the training split, in which the task searches, cannot be read.
    """
    refuse_unexportable(model.experiment)
    expect_free(path)
    with scratch() as folder:
        made = convert(model, folder, say, int8=int8)
        config, files = _config(model.experiment)
        manifest = Manifest(
            format=FORMAT,
            nlpx=__version__,
            task=model.experiment.type,
            run=model.run.id,
            step=model.step,
            origin="" if model.changed or int8 else origin(model.run, str(model.step), model.trained),
            includes={Path(name).name: sha256 for name, sha256 in Snapshot.of(model.run).includes.items()},
            calibration=made.calibration,
            constants=made.constants,
            quantization=None if made.rounded is None else made.rounded.record,
            files={},
        )
        about = BundleFacts(made.inputs, made.rows, made.rounded, model.changed, made.tied)
        size = write_bundle(
            path,
            manifest,
            {
                CONFIG: config.encode(),
                **{f"{VOCABULARY}/{name}.json": each.to_json() for name, each in model.vocabularies.items()},
                KEYS: model.run.path / KEYS,
                **made.files,
                **files,
                CARD: card(model.run, model.experiment, model.step, about).encode(),
            },
        )
    return Exported(path, size, made.inputs, made.rows, made.rounded, made.tied)


def _config(experiment: Experiment) -> tuple[str, Mapping[str, bytes]]:
    """The parts of a config that predictions need, without folders of this machine; the files it reads."""
    train = type(experiment.train)(evaluation_batch_size=experiment.train.evaluation_batch_size)
    data = experiment.data.model_copy(update={"root": None, "cache": None})
    reduced = experiment.model_copy(update={"train": train, "data": data})
    files: dict[str, bytes] = {}
    for path, value, _ in _paths(reduced):
        name = Path(value).name
        if path[0] in READING:
            name = f"{FILES}/{len(files)}-{name}"
            try:
                files[name] = Path(value).read_bytes()
            except OSError as error:
                raise DataError(f"{value}: cannot be read: {error.strerror}. Restore the file.") from None
        reduced = replace_path(reduced, path, name)
    return dump_experiment(reduced, UNUSED), files


def _paths(experiment: Experiment) -> Iterator[tuple[tuple[str | int, ...], str, object]]:
    yield from ((path, value, mark) for path, value, mark in local_paths(experiment) if path[0] not in UNUSED)
