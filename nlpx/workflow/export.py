"""Export a run as a bundle, which is written after it has been compared with the run."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, cast

from nlpx import __version__
from nlpx.config.dump import dump_experiment
from nlpx.config.paths import local_paths, replace_path
from nlpx.errors import DataError, UsageError
from nlpx.exported.graph import Graph
from nlpx.exported.learner import Graphs
from nlpx.runs.bundle import (
    CARD,
    CONFIG,
    FILES,
    FORMAT,
    GOLDEN,
    GRAPHS,
    INDEX,
    KEYS,
    VOCABULARY,
    Manifest,
    expect_free,
    write_bundle,
)
from nlpx.runs.config import READING
from nlpx.runs.framework import threads
from nlpx.runs.origin import origin
from nlpx.runs.record import Snapshot
from nlpx.specs.experiment import Experiment
from nlpx.specs.predictor import Predictor, Say, unheard
from nlpx.workflow.bundle import exported_learner
from nlpx.workflow.card import card
from nlpx.workflow.corpus import open_corpus
from nlpx.workflow.learned import read_calibration
from nlpx.workflow.model import OpenModel
from nlpx.workflow.onnx_graphs import expect_exporter, to_onnx
from nlpx.workflow.quantize import quantized
from nlpx.workflow.rounded import Compared, compare
from nlpx.workflow.verify import rows_of, texts_of, verify

if TYPE_CHECKING:
    from nlpx.models.learner import Learner as LearnerOfModel

UNUSED = {"name", "init", "optimizer", "tricks", "checkpoint", "observers", "samples", "export"}
"""Sections that predictions do not depend on."""
GOLDENS = 6
LONGEST_GOLDEN = 64


@dataclass(frozen=True)
class Exported:
    """A bundle that was written.

    Attributes:
        bytes: its size.
        texts, rows: how many were compared.
        rounded: what int8 weights change.
    """

    path: Path
    bytes: int
    texts: int
    rows: int
    rounded: Compared | None = None


def refuse_unexportable(experiment: Experiment) -> None:
    """Check whether a run can become a bundle; needs no model.

    Raises:
        UsageError: its task, or its precision, is not supported.
        EnvironmentProblem: a package that exports need is not installed.
    """
    if not experiment.can_be_exported():
        raise UsageError(
            f"runs of the task {experiment.type} cannot be exported as bundles. Use the run itself, or --to "
            "npz for a segmenter of convolutions."
        )
    if experiment.train.precision != "float32":
        raise UsageError(
            f"this run cannot be exported: train.precision is {experiment.train.precision}. Expected float32."
        )
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
    with TemporaryDirectory(prefix="nlpx-") as folder:
        return _export(model, path, Path(folder), say, int8)


def _export(model: OpenModel, path: Path, index: Path, say: Say, int8: bool) -> Exported:
    """As `export_bundle`; files of predictors are made in the folder `index`."""
    refuse_unexportable(model.experiment)
    expect_free(path)
    exportable = cast("LearnerOfModel[Any]", model.learner).exportable(model.codec.fields)
    contents = {name: to_onnx(name, graph) for name, graph in exportable.graphs.items()}
    constants = {name: array.tolist() for name, array in exportable.constants.items()}
    calibration = read_calibration(model.run)

    def prepare(made: Predictor[Any, Any]) -> None:
        made.prepare(lambda split: open_corpus(model.trained).rows(split), index, f"step-{model.step}", say)

    prepare(model.predictor)

    def predictor(graphs: Graphs) -> Predictor[Any, Any]:
        learner = exported_learner(model.experiment, graphs, constants, path)
        made = model.experiment.predictor(model.codec, learner, model.vocabularies)
        made.use(calibration)
        prepare(made)
        return made

    texts, rows = texts_of(model), rows_of(model)
    try:
        graphs = {name: Graph(content, threads()) for name, content in contents.items()}
        predictions = verify(model, predictor, graphs, exportable.graphs, texts, rows)
    except ValueError as error:
        raise UsageError(f"this run cannot be exported: {error}. Nothing was written.") from error
    rounded = None
    if int8:
        small = {name: quantized(content) for name, content in contents.items()}
        exact = predictor(graphs)
        made = predictor({name: Graph(content, threads()) for name, content in small.items()})
        rounded = compare(model, exact, made, (_size(contents), _size(small)))
        contents, predictions = small, made.predict(texts)
    golden = [
        {"text": text, "prediction": prediction.fields}
        for text, prediction in zip(texts, predictions, strict=True)
        if text.strip() and len(text) <= LONGEST_GOLDEN
    ][:GOLDENS]
    config, files = _config(model.experiment)
    manifest = Manifest(
        format=FORMAT,
        nlpx=__version__,
        task=model.experiment.type,
        run=model.run.id,
        step=model.step,
        origin="" if model.changed or int8 else origin(model.run, str(model.step), model.trained),
        includes={Path(name).name: sha256 for name, sha256 in Snapshot.of(model.run).includes.items()},
        calibration=calibration,
        constants=constants,
        quantization=None if rounded is None else rounded.record,
        files={},
    )
    size = write_bundle(
        path,
        manifest,
        {
            CONFIG: config.encode(),
            **{f"{GRAPHS}/{name}.onnx": content for name, content in contents.items()},
            **{f"{VOCABULARY}/{name}.json": each.to_json() for name, each in model.vocabularies.items()},
            KEYS: model.run.path / KEYS,
            **{f"{INDEX}/{file.name}": file for file in sorted(index.iterdir())},
            **files,
            GOLDEN: json.dumps(golden, ensure_ascii=False, indent=1).encode(),
            CARD: card(model, len(texts), len(rows), rounded).encode(),
        },
    )
    return Exported(path, size, len(texts), len(rows), rounded)


def _size(contents: Mapping[str, bytes]) -> int:
    return sum(map(len, contents.values()))


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
