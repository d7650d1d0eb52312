"""Rules about values: loss, decoder, metrics and tricks get the values that they need."""

from __future__ import annotations

from collections.abc import Iterator
from typing import get_args

from nlpx.components.heads.base import Head
from nlpx.components.losses.base import Loss
from nlpx.config.nodes import Path
from nlpx.config.rules import Finding, Rules
from nlpx.core.component import Component, Registry
from nlpx.core.suggest import one_of
from nlpx.specs.experiment import Experiment


def fitting(kind: str, given: frozenset[str], registry: Registry) -> list[str]:
    """The components of a kind whose needs are satisfied by the given values."""
    # Those without needs only have the needs of components in them.
    return [entry.name for entry in registry if entry.kind == kind and set() < entry.component.needs <= given]


def _unmet(
    code: str, part: Component, paths: tuple[Path, ...], experiment: Experiment, registry: Registry
) -> Iterator[Finding]:
    """The values that a component needs but that are not given."""
    given = experiment.given()
    missing = (part.reads if isinstance(part, Loss) else part.needs) - given
    if not missing:
        return
    needs = f"the {part.kind} {part.type} needs {_listed(missing)}, which"
    expected = _named(part.kind, [name for name in fitting(part.kind, given, registry) if name != part.type])
    other = [
        record
        for record, values in experiment.given_by_record.items()
        if missing <= values | experiment.gives
    ]
    if other:
        what = f"{needs} {experiment.row_type} records do not give"
        yield Finding(
            "C218", (*paths, ("data", "source")), what, "", _either(f"{one_of(other)} records", expected)
        )
        return
    head = getattr(getattr(experiment, "model", None), "head", None)
    heads = [
        e.name for e in registry if e.kind == Head.kind and missing <= e.component.gives | experiment.gives
    ]
    if isinstance(head, Head) and heads:
        what = f"{needs} the head {head.type} does not give"
        yield Finding(
            code, (*paths, ("model", "head")), what, "", _either(f"the head {one_of(heads)}", expected)
        )
    else:
        yield Finding(code, paths, f"{needs} the task {experiment.type} does not give", "", expected)


def _named(kind: str, names: list[str]) -> str:
    """`the loss a or b`, `one of the losses a, b, c`; empty without a name."""
    if not names:
        return ""
    plural = f"{kind}es" if kind.endswith("s") else f"{kind}s"
    return f"the {kind} {one_of(names)}" if len(names) <= 2 else f"one of the {plural} {', '.join(names)}"


def _listed(names: frozenset[str]) -> str:
    *first, last = (f"`{name}`" for name in sorted(names))
    return " and ".join([*filter(None, [", ".join(first)]), last])


def _either(first: str, second: str) -> str:
    return f"{first}, or {second}" if second else first


def loss_finds_values(experiment: Experiment, registry: Registry) -> Iterator[Finding]:
    """The model gives the values that the loss needs, such as the likelihood of a CRF."""
    for place, loss in experiment.loss.members:
        yield from _unmet("C201", loss, (("loss", *place),), experiment, registry)


def decoder_finds_values(experiment: Experiment, registry: Registry) -> Iterator[Finding]:
    """The model gives the values that the decoder needs."""
    decode = getattr(experiment, "decode", None)
    if isinstance(decode, Component):
        yield from _unmet("C202", decode, (("decode",),), experiment, registry)


def metrics_find_values(experiment: Experiment, registry: Registry) -> Iterator[Finding]:
    """The examples of the task contain the values that the metrics need."""
    for index, metric in enumerate(experiment.metrics):
        yield from _unmet("C203", metric, (("metrics", index),), experiment, registry)


def tricks_find_values(experiment: Experiment, registry: Registry) -> Iterator[Finding]:
    """The model gives the values that the tricks need with their options."""
    given = experiment.given()
    for index, trick in enumerate(experiment.tricks):
        missing = trick.reads - given
        if missing:
            needs = f"the trick {trick.type} needs {_listed(missing)}"
            what = f"{needs}, which the task {experiment.type} does not give"
            fitting_options = [
                f"{name}: {choice}"
                for name, field in type(trick).model_fields.items()
                if getattr(trick, name) in missing
                for choice in get_args(field.annotation)
                if choice in given
            ]
            expected = one_of(fitting_options) or "another trick"
            yield Finding("C224", (("tricks", index),), what, expected=expected)


def tricks_find_whole_batches(experiment: Experiment, registry: Registry) -> Iterator[Finding]:
    """A trick that needs all rows of an update at once excludes accumulation."""
    accumulation = experiment.train.accumulation
    for trick in experiment.tricks:
        if trick.whole_batch and accumulation > 1:
            what = f"the trick {trick.type} needs all rows of an update at once"
            path: Path = ("train", "accumulation")
            yield Finding("C225", (path,), what, str(accumulation), "1, with a larger train.batch_size")


NEED_RULES: Rules = (
    (loss_finds_values, ("loss", "model.head", "data.source")),
    (decoder_finds_values, ("decode", "model.head", "data.source")),
    (metrics_find_values, ("metrics", "data.source")),
    (tricks_find_values, ("tricks", "model.head", "data.source")),
    (tricks_find_whole_batches, ("tricks", "train.accumulation")),
)
