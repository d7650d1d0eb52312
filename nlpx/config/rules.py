"""What must hold across the keys of a config. Each rule is a small function that yields problems."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterator
from pathlib import Path

from nlpx.config.nodes import Node, dotted
from nlpx.config.problems import Problem
from nlpx.config.validate import place_of
from nlpx.specs.base import Spec
from nlpx.specs.decoders import Viterbi
from nlpx.specs.encoders import Bidirectional, Conv, EncoderSpec, GatedConv
from nlpx.specs.experiment import Experiment
from nlpx.specs.heads import HeadSpec
from nlpx.specs.schedules import Cosine, Linear
from nlpx.specs.sections import TaggerSection
from nlpx.specs.sources import Builtin

EXTRAS = {"metrics": "sacrebleu", "tensorboard": "tensorboard"}
"""The module that shows whether an extra is installed."""

Found = Iterator[tuple[str, tuple[str | int, ...], str, str]]
Rule = Callable[[Experiment], Found]
"""Yields (code, path, what is wrong, what to do)."""


def check_rules(experiment: Experiment, tree: Node, problems: list[Problem], *, moved: bool) -> None:
    """Note a problem for every rule that does not hold.

    Args:
        experiment: validated by itself.
        tree: where its values stand.
        problems: what is wrong is added here.
        moved: leave out the rules about this machine's files.
    """
    rules = RULES if moved else (*RULES, files_exist)
    for rule in rules:
        for code, path, message, hint in rule(experiment):
            problems.append(Problem(code, place_of(tree, path), dotted(path), message, hint=hint))


def loss_fits_head(experiment: Experiment) -> Found:
    head = _head(experiment)
    if head is not None and head.type not in experiment.loss.heads:
        wanted = " or ".join(experiment.loss.heads)
        message = f"the loss {experiment.loss.type} is for the head {wanted}, but model.head is {head.type}"
        yield "C20", ("loss",), message, f"set model.head to {wanted}, or choose another loss"


def decoder_fits(experiment: Experiment) -> Found:
    decoder, head = experiment.decode, _head(experiment)
    if experiment.type not in decoder.tasks:
        message = (
            f"the decoder {decoder.type} is for the task {' or '.join(decoder.tasks)}, not {experiment.type}"
        )
        yield "C20", ("decode",), message, "choose another decoder"
    elif head is not None and head.type not in decoder.heads:
        message = f"the decoder {decoder.type} is for the head {' or '.join(decoder.heads)}, not {head.type}"
        yield "C20", ("decode",), message, "choose another decoder or head"


def metrics_fit(experiment: Experiment) -> Found:
    seen: set[str] = set()
    for i, metric in enumerate(experiment.metrics):
        if experiment.type not in metric.tasks:
            message = (
                f"the metric {metric.type} is for the task {' or '.join(metric.tasks)}, not {experiment.type}"
            )
            yield "C20", ("metrics", i), message, "remove it"
        if metric.type in seen:
            yield "C20", ("metrics", i), f"the metric {metric.type} stands twice", "remove one"
        seen.add(metric.type)


def source_fits(experiment: Experiment) -> Found:
    source = experiment.data.source
    if source.row is not None and source.row != experiment.row:
        message = f"the source {source.type} gives rows of the kind {source.row}; {experiment.type} reads {experiment.row}"
        yield "C20", ("data", "source"), message, "choose another source"


def monitor_is_measured(experiment: Experiment) -> Found:
    name = experiment.checkpoint.monitor.split("/")[-1]
    measured = [number for metric in experiment.metrics for number in metric.directions]
    if name not in measured:
        message = f"{experiment.checkpoint.monitor} is not among the numbers that the metrics give"
        yield "C20", ("checkpoint", "monitor"), message, f"one of {', '.join(f'valid/{n}' for n in measured)}"


def validation_exists(experiment: Experiment) -> Found:
    source = experiment.data.source
    if isinstance(source, Builtin) or source.row is None:
        return
    if source.files("valid") and source.holdout:
        yield (
            "C20",
            ("data", "source", "holdout"),
            "there is a file for valid, so nothing is held out",
            "remove one",
        )
    if not source.files("valid") and not source.holdout:
        message = "there are no rows to choose the best checkpoint with"
        yield (
            "C20",
            ("data", "source"),
            message,
            "give a file for valid, or holdout: N to take N rows of train",
        )


def widths_fit(experiment: Experiment) -> Found:
    model = getattr(experiment, "model", None)
    if not isinstance(model, TaggerSection):
        return
    width: int | None = model.embedding.dim + sum(2 * n.dim for n in model.embedding.ngrams)
    for i, block in enumerate(model.encoder):
        if width is None:
            return
        wanted = _must_equal_input(block)
        if wanted is not None and wanted != width:
            message = f"this block adds its input, which is {width} wide, to {wanted} filters"
            hint = f"set filters: {width}, or put a conv of {wanted} filters before it"
            yield "C20", ("model", "encoder", i), message, hint
        width = _output_width(block, width)


def buckets_hold_rows(experiment: Experiment) -> Found:
    buckets = experiment.train.buckets
    if buckets is None:
        return
    if sorted(set(buckets)) != buckets:
        yield "C20", ("train", "buckets"), "the ends of buckets must ascend", "sort them"
    elif not buckets or buckets[-1] < experiment.data.max_length:
        message = f"the last bucket must hold data.max_length ({experiment.data.max_length}) characters"
        yield "C20", ("train", "buckets"), message, f"add {experiment.data.max_length}"


def schedule_fits(experiment: Experiment) -> Found:
    schedule, steps = experiment.optimizer.schedule, experiment.train.steps
    if isinstance(schedule, Linear | Cosine) and steps is not None and schedule.warmup_steps >= steps:
        message = f"the warm-up of {schedule.warmup_steps} updates is not over when training ends ({steps})"
        yield "C20", ("optimizer", "schedule"), message, "shorten it"


def extras_are_installed(experiment: Experiment) -> Found:
    for path, spec in _specs(experiment):
        if spec.extra and importlib.util.find_spec(EXTRAS.get(spec.extra, spec.extra)) is None:
            message = f"{spec.kind}/{spec.type} needs the extra {spec.extra!r}, which is not installed"
            yield "C21", path, message, f"pip install 'nlpx[{spec.extra}]'"


def files_exist(experiment: Experiment) -> Found:
    root = Path(experiment.data.root or ".")
    for split in ("train", "valid", "test"):
        for name in experiment.data.source.files(split):
            if not (root / name).is_file():
                hint = "set data.root (or $NLPX_DATA) to the folder of the corpora; see data/README.md"
                yield "C22", ("data", "source", split), f"there is no file {root / name}", hint
    decoder = experiment.decode
    if isinstance(decoder, Viterbi) and decoder.dictionary and not Path(decoder.dictionary).is_file():
        yield "C22", ("decode", "dictionary"), f"there is no file {decoder.dictionary}", "check the name"


RULES: tuple[Rule, ...] = (
    loss_fits_head,
    decoder_fits,
    metrics_fit,
    source_fits,
    monitor_is_measured,
    validation_exists,
    widths_fit,
    buckets_hold_rows,
    schedule_fits,
    extras_are_installed,
)


def _head(experiment: Experiment) -> HeadSpec | None:
    head = getattr(getattr(experiment, "model", None), "head", None)
    return head if isinstance(head, HeadSpec) else None


def _must_equal_input(block: EncoderSpec) -> int | None:
    if isinstance(block, GatedConv):
        return block.filters
    return block.filters if isinstance(block, Conv) and block.residual else None


def _output_width(block: EncoderSpec, width: int) -> int | None:
    if isinstance(block, GatedConv):
        return width
    if isinstance(block, Conv):
        return block.filters
    if isinstance(block, Bidirectional):
        return block.units * (2 if block.merge == "concat" else 1)
    return None  # a plugin's block: its width is not known before it is built


def _specs(value: object, path: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], Spec]]:
    if isinstance(value, Spec):
        yield path, value
    if hasattr(type(value), "model_fields"):
        for name in type(value).model_fields:
            yield from _specs(getattr(value, name), (*path, name))
    elif isinstance(value, list):
        for i, item in enumerate(value):
            yield from _specs(item, (*path, i))
