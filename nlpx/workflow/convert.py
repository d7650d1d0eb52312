"""The graphs, tables and golden examples of a model, after they have been compared with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from nlpx.errors import UsageError
from nlpx.exported.graph import Graph
from nlpx.exported.learner import Graphs
from nlpx.runs.bundle import INDEX, TABLES
from nlpx.runs.framework import threads
from nlpx.specs.predictor import Predictor, Say
from nlpx.workflow.bundle import exported_learner
from nlpx.workflow.corpus import open_corpus
from nlpx.workflow.golden import IMAGES, golden_files
from nlpx.workflow.learned import read_calibration
from nlpx.workflow.model import OpenModel
from nlpx.workflow.onnx_graphs import to_onnx
from nlpx.workflow.verify import rows_of, verify

if TYPE_CHECKING:
    from nlpx.models.learner import Learner as LearnerOfModel


@dataclass(frozen=True)
class Converted:
    """What predictions need instead of TensorFlow.

    Attributes:
        graphs: contents of ONNX files, by name.
        constants: small arrays as nested lists.
        calibration: the values chosen on the validation split.
        files: the other files of a bundle, by name: contents, or files to copy.
        inputs, rows: how many were compared.
    """

    graphs: Mapping[str, bytes]
    constants: dict[str, Any]
    calibration: dict[str, float]
    files: Mapping[str, bytes | Path]
    inputs: int
    rows: int


def convert(model: OpenModel, folder: Path, say: Say) -> Converted:
    """Convert a model, and compare its predictions.

    Args:
        model: see `export_bundle`.
        folder: an empty one, for files of the result.
        say: called with messages about slow operations.

    Raises:
        UsageError, EnvironmentProblem, DataError: as `export_bundle`.
    """
    exportable = cast("LearnerOfModel[Any]", model.learner).exportable(model.codec.fields)
    index, images, tables = (folder / name for name in (INDEX, IMAGES, TABLES))
    for place in (index, images, tables):
        place.mkdir()
    graphs = {name: write(name, graph, written) for name, graph in exportable.graphs.items()}
    for name, table in exportable.tables.items():
        np.save(tables / f"{name}.npy", table)
    constants = {name: array.tolist() for name, array in exportable.constants.items()}
    calibration = read_calibration(model.run)

    kept = index if exportable.evaluates else None

    def prepare(made: Predictor[Any, Any]) -> None:
        made.prepare(lambda split: open_corpus(model.trained).rows(split), kept, f"step-{model.step}", say)

    prepare(model.predictor)

    def predictor(graphs: Graphs) -> Predictor[Any, Any]:
        learner = exported_learner(model.experiment, graphs, constants, exportable.tables, model.run.path)
        made = model.experiment.predictor(model.codec, learner, model.vocabularies)
        made.use(calibration)
        prepare(made)
        return made

    inputs = model.experiment.inputs(model.codec, model.vocabularies, images)
    rows = rows_of(model) if exportable.evaluates else []
    try:
        predictions = verify(model, predictor, graphs, exportable.graphs, inputs, rows)
    except ValueError as error:
        raise UsageError(f"this run cannot be exported: {error}. Nothing was written.") from error
    return Converted(
        contents,
        constants,
        calibration,
        {
            **{
                f"{each.name}/{file.name}": file
                for each in (index, tables)
                for file in sorted(each.iterdir())
            },
            **golden_files(model.experiment, inputs, predictions),
        },
        len(inputs),
        len(rows),
    )
