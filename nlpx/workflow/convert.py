"""The graphs, tables and golden examples of a model, after they have been compared with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from nlpx.errors import EnvironmentProblem, UsageError
from nlpx.exported.graph import Graph
from nlpx.exported.learner import Call, Graphs
from nlpx.runs.bundle import GRAPHS, INDEX, TABLES
from nlpx.runs.framework import threads
from nlpx.specs.predictor import Predictor, Say
from nlpx.workflow.bundle import exported_learner
from nlpx.workflow.corpus import open_corpus
from nlpx.workflow.golden import IMAGES, golden_files, predictions_of
from nlpx.workflow.learned import read_calibration
from nlpx.workflow.model import OpenModel
from nlpx.workflow.onnx_graphs import write_onnx
from nlpx.workflow.quantize import quantize_files
from nlpx.workflow.rounded import Compared, compare
from nlpx.workflow.verify import rows_of, verify

if TYPE_CHECKING:
    from nlpx.models.learner import InferenceGraph
    from nlpx.models.learner import Learner as LearnerOfModel

Write = Callable[[str, "InferenceGraph", Path], Call]


@dataclass(frozen=True)
class Converted:
    """What predictions need instead of TensorFlow.

    Attributes:
        graphs: those of the run, by name.
        constants: small arrays as nested lists.
        calibration: the values chosen on the validation split.
        files: of a bundle, by name: contents, or files to copy.
        inputs, rows: how many were compared.
        rounded: what int8 weights change.
        tied: how many of those have another prediction, because of a tie.
    """

    graphs: Mapping[str, InferenceGraph]
    constants: dict[str, Any]
    calibration: dict[str, float]
    files: Mapping[str, bytes | Path]
    inputs: int
    rows: int
    rounded: Compared | None = None
    tied: int = 0


def convert(
    model: OpenModel, folder: Path, say: Say, *, write: Write = write_onnx, int8: bool = False
) -> Converted:
    """Convert a model, and compare its predictions.

    Args:
        model: see `export_bundle`.
        folder: an empty one, for files of the result.
        say: called with messages about slow operations.
        write: writes a graph into a folder, and returns the function that was written.
        int8: quantize the weights of ONNX files, after the comparison of those of float32.

    Raises:
        UsageError, EnvironmentProblem, DataError: as `export_bundle`.
    """
    exportable = cast("LearnerOfModel[Any]", model.learner).exportable(model.codec.fields)
    written, index, images, tables = (folder / name for name in (GRAPHS, INDEX, IMAGES, TABLES))
    for place in (written, index, images, tables):
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
        verified = verify(model, predictor, graphs, exportable.graphs, inputs, rows)
    except ValueError as error:
        raise UsageError(f"this run cannot be exported: {error}. Nothing was written.") from error
    if verified.tied:
        say(
            f"{verified.tied} of {len(inputs) + len(rows)} predictions are others: ties, in which texts have "
            "the same score except for rounding"
        )
    # Another machine may decide ties in another way.
    sure = [place for place in range(len(inputs)) if place not in verified.ties]
    if verified.ties and not any(inputs[place].strip() for place in sure):
        raise EnvironmentProblem(
            "no text has a prediction that does not depend on rounding: all are ties. Train the run longer. "
            "Nothing was written."
        )
    golden, predictions = [inputs[place] for place in sure], [verified.predictions[place] for place in sure]
    rounded = None
    if int8:
        if not exportable.evaluates:
            raise UsageError(f"--quantize compares metrics, which bundles of {model.experiment.type} lack.")
        before = _size(written)
        quantize_files(written)
        small = {path.stem: Graph(path.read_bytes(), threads()) for path in written.iterdir()}
        after = predictor(small)
        rounded = compare(model, predictor(graphs), after, (before, _size(written)))
        predictions = predictions_of(after, model.experiment, golden)
    return Converted(
        exportable.graphs,
        constants,
        calibration,
        {
            **{
                file.relative_to(folder).as_posix(): file
                for each in (written, index, tables)
                for file in sorted(each.rglob("*"))
                if file.is_file()
            },
            **golden_files(model.experiment, golden, predictions),
        },
        len(inputs),
        len(rows),
        rounded,
        verified.tied,
    )


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.iterdir())
