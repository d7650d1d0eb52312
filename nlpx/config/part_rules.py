"""Rules about components that must fit together: monitor and metrics, blocks, heads."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from nlpx.components.encoders.base import Encoder
from nlpx.components.heads.softmax import Softmax
from nlpx.config.nodes import Path, dotted
from nlpx.config.rules import Finding, Rules
from nlpx.core.component import Registry
from nlpx.core.suggest import one_of
from nlpx.specs.experiment import Experiment
from nlpx.specs.sections import BlockSection


def monitor_is_measured(experiment: Experiment, registry: Registry) -> Iterator[Finding]:
    """The monitored metric is computed, and has the right direction."""
    monitor, mode = experiment.checkpoint.monitor, experiment.checkpoint.mode
    measured = experiment.numbers()
    name = monitor.rpartition("/")[2]
    if name not in measured:
        yield Finding(
            "C207",
            (("checkpoint", "monitor"), ("metrics",)),
            f"the metrics do not give {monitor}",
            expected=one_of(f"valid/{number}" for number in measured)
            if measured
            else "a metric that computes it",
        )
    elif mode not in (None, measured[name]):
        what = f"{'lower' if measured[name] == 'min' else 'higher'} values of {monitor} are better"
        yield Finding(
            "C208", (("checkpoint", "mode"),), what, f"mode {mode}", f"{measured[name]}, or no mode"
        )


def nothing_is_listed_twice(experiment: Experiment, registry: Registry) -> Iterator[Finding]:
    """Metrics, poolings and n-gram sizes are not duplicated."""
    model = getattr(experiment, "model", None)
    lists: dict[Path, list[object]] = {("metrics",): [metric.type for metric in experiment.metrics]}
    if isinstance(model, BlockSection):
        lists |= {("model", *path): values for path, values in model.distinct.items()}
    for path, values in lists.items():
        first: dict[object, int] = {}
        for index, value in enumerate(values):
            if first.setdefault(value, index) != index:
                place = dotted((*path, first[value]))
                yield Finding("C210", ((*path, index),), f"duplicate {value}, first listed as {place}")


def tied_head_shares_vocabulary(experiment: Experiment, registry: Registry) -> Iterator[Finding]:
    """A head can only share the embedding if the output vocabulary is that of the input."""
    head = getattr(getattr(experiment, "model", None), "head", None)
    if isinstance(head, Softmax) and head.tied and not experiment.shared_vocabulary:
        what = (
            f"the task {experiment.type} does not predict characters, so the head cannot share the embedding"
        )
        yield Finding("C211", (("model", "head", "tied"),), what, expected="false")


def blocks_fit_together(experiment: Experiment, registry: Registry) -> Iterator[Finding]:
    """Every block accepts the width of the output of the previous block."""
    model = getattr(experiment, "model", None)
    if isinstance(model, BlockSection):
        for chain in model.chains:
            yield from _misfits(*chain)


def _misfits(key: str, inputs: int, blocks: Sequence[Encoder]) -> Iterator[Finding]:
    """The first block of a chain that does not accept the width of its input."""
    width: int | None = inputs
    for index, block in enumerate(blocks):
        for _ in range(min(block.repeat, 2)):
            if width is None:
                return
            try:
                width = block.width(width)
            except ValueError as error:
                path: Path = ("model", key, index)
                paths = ((*path, "filters"), path, ("model", "embedding"), ("model",))
                yield Finding("C213", paths, f"{block.type}: {error}")
                return


def coverage_has_a_pointer(experiment: Experiment, registry: Registry) -> Iterator[Finding]:
    """Coverage requires a pointer."""
    pointer = getattr(getattr(experiment, "model", None), "pointer", "no such option")
    for place, loss in experiment.loss.members if pointer is None else ():
        if "overlap" in loss.reads:
            path: Path = ("loss", *place, "coverage")
            advice = "set model.pointer to a width, or remove coverage"
            yield Finding("C217", (path,), "coverage requires a pointer", advice=advice)


MONITOR_RULES: Rules = ((monitor_is_measured, ("checkpoint", "metrics")),)
"""For training. A finished run is evaluated with any metrics."""

PART_RULES: Rules = (
    (nothing_is_listed_twice, ("metrics", "model.embedding.ngrams", "model.pooling")),
    (tied_head_shares_vocabulary, ("model.head",)),
    (blocks_fit_together, ("model.embedding", "model.encoder", "model.decoder", "model.width")),
    (coverage_has_a_pointer, ("model.pointer", "loss")),
)
