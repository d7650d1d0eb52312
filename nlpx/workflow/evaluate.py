"""Measure a run on a split and keep the result in the run."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from nlpx.core.files import replace_file
from nlpx.inference.evaluate import Report, evaluate
from nlpx.tasks.base import Example, Say
from nlpx.workflow.corpus import Corpus, open_corpus
from nlpx.workflow.model import OpenModel


@dataclass(frozen=True)
class Result:
    """What an evaluation found.

    Attributes:
        split: the rows.
        step: of the checkpoint.
        report: metrics and worst answers.
        references: metrics of reference systems, by name.
    """

    split: str
    step: int
    report: Report[Example]
    references: Mapping[str, Mapping[str, float]]

    def to_json(self) -> dict[str, object]:
        """What eval/SPLIT.json holds; numbers that JSON does not have, infinite ones, are left out."""
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
    """Measure a model on a split; writes eval/SPLIT.json and eval/SPLIT.predictions.jsonl of its run.

    Of a model with changes nothing is written: the files of a run are about the run as it is.

    Args:
        model: with the weights of a checkpoint.
        split: train, valid or test.
        say: told what takes long, and what cannot be kept.
        corpus: the rows; by default those of the run's config.
        data_root: where corpus files lie on this machine, if not where they lay in training.
        worst: how many of the worst answers to keep.
        reference: also measure the reference systems of the task.

    Raises:
        DataError: the split does not exist or cannot be read.
    """
    if not model.changed:
        model.run.make_eval_folder()
    own = corpus or open_corpus(model.trained, data_root)
    model.equip(lambda: own, say)
    corpus = open_corpus(model.experiment, data_root) if model.changed else own
    rows = partial(corpus.rows, split)
    with _kept(None if model.changed else model.run.predictions_path(split)) as keep:
        report = evaluate(model.task, model.answerer, rows, model.keys, worst=worst, each=keep)
    references = {}
    if reference:
        for name, answerer in model.task.references(model.vocabularies).items():
            metrics = evaluate(model.task, answerer, rows, model.keys).metrics
            # Without probabilities a system has no likelihood.
            references[name] = {key: value for key, value in metrics.items() if not math.isnan(value)}
            if answerer.signature:
                report.signatures[name] = answerer.signature
    result = Result(split, model.step, report, references)
    if not model.changed:
        for name, content in report.files.items():
            replace_file(model.run.metric_file(split, name), content)
        text = json.dumps(result.to_json(), ensure_ascii=False, indent=1)
        replace_file(model.run.eval_path(split), text + "\n")
    return result


@contextmanager
def _kept(path: Path | None) -> Iterator[Callable[[Example], None]]:
    """What is told of every example: it goes into a file, or nowhere."""
    if path is None:
        yield lambda example: None
        return
    with path.open("w", encoding="utf-8") as file:
        yield lambda example: print(json.dumps(example.to_json(), ensure_ascii=False), file=file)


def _finite(metrics: Mapping[str, float]) -> dict[str, float]:
    return {name: value for name, value in metrics.items() if math.isfinite(value)}
