"""Evaluate a run on a split and store the result in the run."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TextIO

from nlpx.core.files import writing
from nlpx.inference.evaluate import Report, evaluate
from nlpx.runs.directory import RunDirectory
from nlpx.runs.row_values import NAME, row_values_text
from nlpx.specs.predictor import Example, Say
from nlpx.workflow.corpus import Corpus, open_corpus
from nlpx.workflow.model import OpenModel
from nlpx.workflow.of_run import files_of_config


@dataclass(frozen=True)
class Result:
    """The result of an evaluation.

    Attributes:
        split: name of the split.
        step: step of the checkpoint.
        report: metrics and worst examples.
        references: metrics of reference systems, by name.
    """

    split: str
    step: int
    report: Report[Example]
    references: Mapping[str, Mapping[str, float]]

    def to_json(self) -> dict[str, object]:
        """The content of eval/SPLIT.json, without infinite values, which JSON cannot represent."""
        return {
            "split": self.split,
            "step": self.step,
            "rows": self.report.rows,
            "metrics": _finite(self.report.metrics),
            "signatures": self.report.signatures,
            "references": {name: _finite(metrics) for name, metrics in self.references.items()},
        }


def evaluate_run(
    model: OpenModel,
    split: str,
    say: Say,
    *,
    corpus: Corpus | None = None,
    data_root: Path | None = None,
    worst: int = 0,
    reference: bool = False,
) -> Result:
    """Evaluate a model on a split; writes eval/SPLIT.json and eval/SPLIT.predictions.jsonl of its run.

    Nothing is written if settings were changed, because the files of a run describe the unchanged run.

    Args:
        model: a model with the weights of a checkpoint.
        split: train, valid or test.
        say: called with messages about slow operations and about results that cannot be stored.
        corpus: the corpus if it has already been checked; default: that of the run's config.
        data_root: folder of the corpus files, if they have moved since training.
        worst: number of worst examples to keep.
        reference: also evaluate the reference systems of the task.

    Raises:
        UsageError: the split does not exist.
        DataError: it cannot be read, has bad rows and these are an error, or no usable row.
        DamagedRun: a file that a metric of the run needs cannot be read.
    """
    own = corpus or open_corpus(model.trained, data_root)
    measured = open_corpus(model.experiment, data_root) if model.changed else own
    if corpus is None:
        measured.review(split, say)
    if not model.changed:
        model.run.make_eval_folder()
    with files_of_config(model.run, model.trained, model.experiment):
        for metric in model.experiment.metrics:
            metric.fresh()
    model.prepare(lambda: own, say)
    rows = partial(measured.rows, split)
    systems = model.experiment.references(model.codec, model.vocabularies) if reference else {}

    def measure(each: Callable[[Example], None]) -> Result:
        report = evaluate(model.experiment.metrics, model.predictor, rows, model.keys, worst=worst, each=each)
        references: dict[str, dict[str, float]] = {}
        for name, predictor in systems.items():
            predictor.prepare(own.rows, say=say)
            metrics = evaluate(model.experiment.metrics, predictor, rows, model.keys).metrics
            # A system without probabilities has no likelihood.
            references[name] = {key: value for key, value in metrics.items() if not math.isnan(value)}
            if predictor.signature:
                report.signatures[name] = predictor.signature
        return Result(split, model.step, report, references)

    if model.changed:
        return measure(lambda example: None)
    with _together(model.run, split) as files:
        predictions = files(model.run.predictions_path(split))
        result = measure(
            lambda example: print(json.dumps(example.to_json(), ensure_ascii=False), file=predictions)
        )
        for name, content in result.report.files.items():
            files(model.run.metric_file(split, name)).write(content)
        if any(result.report.row_values.values()):
            files(model.run.metric_file(split, NAME)).write(row_values_text(result.report.row_values))
        print(
            json.dumps(result.to_json(), ensure_ascii=False, indent=1), file=files(model.run.eval_path(split))
        )
    return result


@contextmanager
def _together(run: RunDirectory, split: str) -> Iterator[Callable[[Path], TextIO]]:
    """Open the files of an evaluation, which are renamed into place at the end of the block, SPLIT.json last.

    If the block fails, the files of an earlier evaluation are kept. If the process is killed while the files
    are renamed, there is no SPLIT.json, and therefore no evaluation, rather than a mixture of two.

    Raises:
        EnvironmentProblem: a file cannot be written.
    """
    summary = run.eval_path(split)
    run.make_eval_folder()
    with ExitStack() as stack:
        # The file that is entered first is renamed last.
        opened = {summary: stack.enter_context(writing(summary))}

        def open_file(path: Path) -> TextIO:
            if path not in opened:
                opened[path] = stack.enter_context(writing(path))
            return opened[path]

        yield open_file
        for file in opened.values():
            file.flush()
        # The folder may have been replaced by a link during the evaluation.
        run.make_eval_folder()
        summary.unlink(missing_ok=True)


def _finite(metrics: Mapping[str, float]) -> dict[str, float]:
    return {name: value for name, value in metrics.items() if math.isfinite(value)}
