"""Export the graphs of a run alone, for programs that do the rest themselves."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from nlpx import __version__
from nlpx.core.scratch import scratch
from nlpx.errors import UsageError
from nlpx.runs.bundle import GRAPHS
from nlpx.runs.bundle_files import expect_free, write_files
from nlpx.specs.predictor import Say, unheard
from nlpx.workflow.convert import Write, convert
from nlpx.workflow.export import Exported, refuse_unexportable
from nlpx.workflow.model import OpenModel
from nlpx.workflow.onnx_graphs import write_onnx
from nlpx.workflow.tensorflow_graphs import saved_name, write_litert, write_saved_model

if TYPE_CHECKING:
    from nlpx.models.learner import InferenceGraph

ONNX = "onnx"
WRITERS: Mapping[str, Write] = {ONNX: write_onnx, "savedmodel": write_saved_model, "litert": write_litert}
DESCRIPTION = "graphs.json"


def export_graphs(model: OpenModel, path: Path, form: str, say: Say = unheard) -> Exported:
    """Write the graphs of a run, and a description of their inputs and outputs, as a new folder.

    Args:
        model: as for `export_bundle`.
        path: the folder, or FILE.zip.
        form: onnx, savedmodel or litert.
        say: called with messages about slow operations.

    Raises:
        UsageError, EnvironmentProblem, DataError: as `export_bundle`.
    """
    refuse_unexportable(model.experiment, onnx=form == ONNX)
    expect_free(path)
    with scratch() as folder:
        made = convert(model, folder, say, write=WRITERS[form])
        if not made.graphs:
            raise UsageError(f"runs of the task {model.experiment.type} have no graphs. Use --to bundle.")
        files = {name: content for name, content in made.files.items() if name.startswith(f"{GRAPHS}/")}
        description = {
            "nlpx": __version__,
            "form": form,
            "task": model.experiment.type,
            "run": model.run.id,
            "step": model.step,
            "graphs": {name: _described(graph, form) for name, graph in made.graphs.items()},
            "constants": made.constants,
            "calibration": made.calibration,
        }
        content = json.dumps(description, ensure_ascii=False, indent=1).encode()
        size = write_files(path, {**files, DESCRIPTION: content})
    return Exported(path, size, made.inputs, made.rows, tied=made.tied)


def _described(graph: InferenceGraph, form: str) -> dict[str, object]:
    """The inputs with types and shapes, in which null is any length, and the outputs of a graph."""
    named = str if form == ONNX else saved_name
    return {
        "inputs": {
            named(name): {"dtype": spec.dtype.name, "shape": list(spec.shape)}
            for name, spec in graph.inputs.items()
        },
        "outputs": [named(name) for name in graph.outputs],
    }
