"""Compare an exported model with int8 weights with the same model with float32 weights."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from itertools import islice
from typing import Any

from nlpx.data.records import Record
from nlpx.errors import NlpxError, UsageError
from nlpx.inference.evaluate import evaluate
from nlpx.runs.manifest import Quantization
from nlpx.specs.predictor import Predictor
from nlpx.workflow.agreement import decisions
from nlpx.workflow.corpus import open_corpus
from nlpx.workflow.model import OpenModel

ROWS = 2048
"""Validation rows that both models are evaluated on."""


@dataclass(frozen=True)
class Compared:
    """What int8 weights change.

    Attributes:
        record: for the manifest.
        seconds: of both evaluations, with float32 weights and with int8.
    """

    record: Quantization
    seconds: tuple[float, float]

    def describe(self) -> str:
        """One line with metrics, sizes and times before and after."""
        record = self.record
        metrics = ", ".join(
            f"{name} {old:.5g} → {record.after.get(name, math.nan):.5g}"
            for name, old in record.before.items()
            if "/" not in name
        )
        megabytes, seconds = [
            " → ".join(f"{number:.1f}" for number in pair)
            for pair in ([size / 1e6 for size in record.bytes], self.seconds)
        ]
        same = f"{record.equal / record.rows:.1%} of {record.rows} validation rows with the same prediction"
        return f"int8: {metrics}; {same}; graphs {megabytes} MB, evaluation {seconds} s"


def compare(
    model: OpenModel,
    before: Predictor[Any, Any],
    after: Predictor[Any, Any],
    sizes: tuple[int, int],
) -> Compared:
    """Evaluate both models on validation rows.

    Args:
        model: the run.
        before: with float32 weights.
        after: with int8 weights.
        sizes: of their graphs in bytes.

    Raises:
        UsageError: there are no validation rows on this machine.
    """
    try:
        rows = list(islice(open_corpus(model.trained).rows("valid"), ROWS))
    except NlpxError as error:
        raise UsageError(f"--quantize compares metrics of validation rows. {error}") from None
    if not rows:
        raise UsageError("--quantize compares metrics of validation rows, but there are none.")
    (first, old, slow), (second, new, fast) = (_evaluated(model, each, rows) for each in (before, after))
    record = Quantization(
        weights="int8",
        rows=len(rows),
        equal=sum(one == other for one, other in zip(old, new, strict=True)),
        before=first,
        after=second,
        bytes=sizes,
    )
    return Compared(record, (slow, fast))


def _evaluated(
    model: OpenModel, predictor: Predictor[Any, Any], rows: list[Record]
) -> tuple[dict[str, float], list[object], float]:
    """The metrics, the decisions, and the time in seconds."""
    found: list[object] = []
    start = time.perf_counter()
    report = evaluate(
        model.experiment.metrics,
        predictor,
        lambda: rows,
        model.keys,
        each=lambda example: found.append(decisions(example.to_json())),
    )
    seconds = time.perf_counter() - start
    return {key: value for key, value in report.metrics.items() if math.isfinite(value)}, found, seconds
