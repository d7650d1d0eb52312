"""The models of a server, by name."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from nlpx.errors import NlpxError, UsageError
from nlpx.runs.bundle import Bundle
from nlpx.runs.directory import NAME, RunDirectory
from nlpx.runs.folders import run_folders, task_of
from nlpx.runs.lookup import newest
from nlpx.serving.calls import Call, Input
from nlpx.serving.refusal import Refusal
from nlpx.serving.tasks import api_of
from nlpx.serving.tasks.base import TaskApi
from nlpx.specs.predictor import Prediction, Say
from nlpx.workflow.corpus import open_corpus
from nlpx.workflow.model import OpenModel, named_run, open_model

if TYPE_CHECKING:
    from nlpx.workflow.engine import Engine

Report = Callable[[str, BaseException], None]
"""Called with the name of a model and an unexpected exception."""


@dataclass(frozen=True)
class ServedModel:
    """A model with its name.

    Attributes:
        name: TASK/RUN.
        api: what requests can ask of it.
        report: called with exceptions that are no fault of a request.
    """

    name: str
    api: TaskApi
    report: Report

    @property
    def task(self) -> str:
        return self.api.model.experiment.type

    @property
    def takes(self) -> str:
        """What predictions are made for: text, image, or nothing."""
        experiment = self.api.model.experiment
        if not experiment.takes_input:
            return "nothing"
        return "image" if experiment.takes_images else "text"

    @property
    def generates(self) -> bool:
        return self.api.model.experiment.generates

    def describe(self) -> dict[str, object]:
        """What clients may know about it: no path, no data."""
        model = self.api.model
        return {
            "name": self.name,
            "task": self.task,
            "step": model.step,
            "engine": "onnx" if isinstance(model.run, Bundle) else "tensorflow",
            "takes": self.takes,
            "generates": self.generates,
            "facts": self.api.facts,
            "options": self.api.options.model_json_schema(),
            "samples": [] if model.experiment.takes_images else model.experiment.samples,
        }

    def compute(self, call: Call, inputs: Sequence[Input]) -> list[Prediction | Refusal]:
        """One result for each input. Where a batch fails, its halves are tried: a bad row fails alone."""
        try:
            made = self.api.run(call, inputs)
            if len(made) != len(inputs):
                raise RuntimeError(f"{len(made)} predictions for {len(inputs)} inputs")
        except Refusal as refusal:
            return [refusal] * len(inputs)
        except Exception as error:  # noqa: BLE001  (a server must survive whatever a model raises)
            if len(inputs) > 1:
                half = len(inputs) // 2
                return [*self.compute(call, inputs[:half]), *self.compute(call, inputs[half:])]
            return [self._refusal(error)]
        return [Refusal(422, "cannot_be_predicted", found.text) if found.failed else found for found in made]

    def _refusal(self, error: Exception) -> Refusal:
        if isinstance(error, UsageError):
            return Refusal(422, "cannot_be_predicted", str(error))
        self.report(self.name, error)
        return Refusal(
            500, "internal_error", "the model failed for this row; the log of the server says more."
        )


def open_models(
    root: Path,
    names: Sequence[str],
    engine: Engine,
    includes: Sequence[Path],
    report: Report,
    say: Say,
) -> dict[str, ServedModel]:
    """The models of runs and bundles by name, in this order.

    Args:
        root: folder of runs.
        names: folders, zip files of bundles, or ids; none selects the newest finished run of each task, of
            which those that cannot be used are left out.
        engine: what computes the predictions of runs.
        includes: plugin files.
        report: called when a model fails.
        say: called with messages about slow operations.

    Raises:
        NlpxError: there is no such run, or it cannot be used.
    """
    runs = [named_run(root, name) for name in names] or list(_newest_of_each_task(root))
    found: dict[str, ServedModel] = {}
    for run in runs:
        try:
            opened = _open(root, run, engine, includes, say)
        except NlpxError as error:
            if names or len(runs) == 1:
                raise
            say(f"left out: {error}")
            continue
        name = _free(_name(run, opened), found)
        found[name] = ServedModel(name, api_of(opened), report)
        say(f"{name}: {found[name].describe()['engine']}, step {opened.step}")
    if not found:
        raise UsageError(f"none of the {len(runs)} runs under {root} can be used. Give one that can.")
    return found


def _open(root: Path, run: RunDirectory, engine: Engine, includes: Sequence[Path], say: Say) -> OpenModel:
    opened = open_model(root, str(run.path), "best", includes, (), say, engine)
    opened.prepare(lambda: open_corpus(opened.trained), say)
    return opened


def _newest_of_each_task(root: Path) -> Iterator[RunDirectory]:
    tasks = sorted({task_of(path) for path in run_folders(root)})
    runs = []
    for task in tasks:
        try:
            runs.append(newest(root, {task}))
        except NlpxError:
            continue  # no run of this task has finished
    return iter(runs or [newest(root)])  # which raises the error with what there is


def _name(run: RunDirectory, model: OpenModel) -> str:
    id = run.manifest.run if isinstance(run, Bundle) else run.id
    # That of a bundle may be anything.
    return f"{model.experiment.type}/{id if NAME.fullmatch(id) else 'bundle'}"


def _free(name: str, used: dict[str, ServedModel]) -> str:
    names = (name if number == 1 else f"{name}~{number}" for number in range(1, len(used) + 2))
    return next(name for name in names if name not in used)
