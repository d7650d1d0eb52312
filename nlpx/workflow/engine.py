"""Use a run by its own bundle, if this belongs to it: the same predictions without TensorFlow."""

from __future__ import annotations

import os
import shlex
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Literal

from nlpx.errors import EnvironmentProblem, UsageError
from nlpx.exported.graph import expect_runtime
from nlpx.runs.bundle import Bundle
from nlpx.runs.config import load_run
from nlpx.runs.directory import RunDirectory
from nlpx.runs.origin import checkpoint_name, origin
from nlpx.specs.experiment import Experiment
from nlpx.specs.predictor import Say
from nlpx.workflow.bundle import open_bundle
from nlpx.workflow.changes import refuse_other_model
from nlpx.workflow.model import OpenModel

Engine = Literal["auto", "tensorflow", "onnx"]
"""What computes predictions; auto is onnxruntime if the run has a bundle for what is asked."""


def open_with(
    engine: Engine,
    run: RunDirectory,
    checkpoint: str,
    includes: Sequence[Path],
    overrides: Sequence[str],
    say: Say,
) -> OpenModel | None:
    """The model of the bundle in a run; None if TensorFlow is to be used, which is said if there is a bundle.

    Plugins may contain layers, which a bundle has as they were: only `onnx` uses both.

    Args:
        engine: what computes predictions.
        run: a run.
        checkpoint, includes, overrides, say: as for `open_model`.

    Raises:
        UsageError, DamagedRun, EnvironmentProblem: the engine is onnx, and there is no bundle, or it belongs
            to another checkpoint, or it cannot be used.
    """
    if engine == "tensorflow":
        return None
    if engine == "auto" and (includes or not os.path.lexists(run.bundle)):
        return None
    trained = load_run(run, includes=includes).experiment
    changed = load_run(run, overrides, includes).experiment if overrides else trained
    refuse_other_model(trained, changed)
    try:
        bundle = own_bundle(run, checkpoint, trained)
        model = open_bundle(bundle, str(bundle.manifest.step), includes, overrides, say)
    except (UsageError, EnvironmentProblem) as error:
        if engine == "onnx":
            raise
        say(f"{error} Predicting with TensorFlow.")
        return None
    return replace(model, trained=trained, experiment=changed)  # which name the data on this machine


def own_bundle(run: RunDirectory, checkpoint: str, experiment: Experiment) -> Bundle:
    """The bundle in a run.

    Args:
        run: a run.
        checkpoint: best, last, or a step.
        experiment: its config.

    Raises:
        UsageError: there is none, or it does not belong to this checkpoint and config.
        DamagedRun: it is damaged.
        EnvironmentProblem: onnxruntime is not installed.
    """
    command = shlex.join(["nlpx", "export", str(run.path), "--to", "bundle"])
    if not os.path.lexists(run.bundle):
        raise UsageError(f"{run.bundle}: this run has no bundle, which onnxruntime needs. Make it: {command}")
    bundle = Bundle.open(run.bundle)
    if not bundle.manifest.origin:
        made = "has int8 weights" if bundle.manifest.quantization else "was exported with other settings"
        raise UsageError(
            f"{run.bundle}: this bundle {made}, so its predictions may differ from those of the run. To use "
            f"it, give its folder. To make one that the run uses, delete the folder, then: {command}"
        )
    if bundle.manifest.origin != origin(run, checkpoint, experiment):
        raise UsageError(
            f"{run.bundle}: this bundle was made from step {bundle.manifest.step}, and not from the "
            f"checkpoint {checkpoint} ({checkpoint_name(run, checkpoint)}), config and files that are used "
            f"now. To make it again, delete the folder, then: {command}"
        )
    expect_runtime()
    return bundle
