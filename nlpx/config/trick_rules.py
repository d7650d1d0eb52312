"""Rules about the list of tricks: which make no sense together, with the optimizer, or in this order."""

from __future__ import annotations

from collections.abc import Iterator

from nlpx.components.optimizers.base import Optimizer
from nlpx.config.nodes import Path, dotted
from nlpx.config.rules import Finding, Rules
from nlpx.config.train_rules import optimizers_of
from nlpx.core.component import Component, Registry
from nlpx.specs.experiment import Experiment


def tricks_go_together(experiment: Experiment, registry: Registry) -> Iterator[Finding]:
    """No trick excludes another one, and each comes before those that it must precede."""
    for index, trick in enumerate(experiment.tricks):
        path: Path = ("tricks", index)
        for earlier, other in enumerate(experiment.tricks[:index]):
            place = dotted(("tricks", earlier))
            if reason := trick.excludes.get(_key(other)) or other.excludes.get(_key(trick)):
                what = f"{trick.type} cannot be combined with {other.type}, {place}: {reason}"
                yield Finding("C223", (path,), what)
            elif reason := trick.precedes.get(_key(other)):
                what = f"{trick.type} must be listed before {other.type}, {place}: {reason}"
                yield Finding("C223", (path,), what)


def tricks_fit_the_optimizer(experiment: Experiment, registry: Registry) -> Iterator[Finding]:
    """No trick excludes an optimizer, of the experiment or of a stage."""
    for index, trick in enumerate(experiment.tricks):
        for place, optimizer in _optimizers(experiment):
            if reason := trick.conflict(optimizer) or optimizer.excludes.get(_key(trick)):
                what = (
                    f"{trick.type} cannot be combined with the optimizer {optimizer.type}, {place}: {reason}"
                )
                yield Finding("C223", (("tricks", index),), what)


def tricks_begin_before_the_end(experiment: Experiment, registry: Registry) -> Iterator[Finding]:
    """No trick starts when training has ended, where both are given in epochs, or both in updates."""
    train = experiment.train
    if train.stages is not None:
        return
    end = f"{train.epochs} epochs" if train.steps is None else train.steps
    for index, trick in enumerate(experiment.tricks):
        start = getattr(trick, "start", 0)
        if _comparable(start, end) and _number(start) >= _number(end):
            what = f"{trick.type} would start after the last update"
            yield Finding("C227", (("tricks", index, "start"),), what, str(start), f"less than {end}")


def _comparable(start: int | str, end: int | str) -> bool:
    return isinstance(start, str) == isinstance(end, str)


def _number(moment: int | str) -> int:
    return moment if isinstance(moment, int) else int(moment.split()[0])


def _optimizers(experiment: Experiment) -> Iterator[tuple[str, Optimizer]]:
    """All optimizers with their places, also those of groups of variables."""
    for path, optimizer in optimizers_of(experiment):
        yield dotted(path), optimizer
        yield from ((dotted(path), member) for member in optimizer.members if member is not optimizer)


def _key(component: Component) -> str:
    return f"{component.kind}/{component.type}"


TRICK_RULES: Rules = (
    (tricks_go_together, ("tricks",)),
    (tricks_fit_the_optimizer, ("tricks", "optimizer", "train.stages")),
    (tricks_begin_before_the_end, ("tricks", "train")),
)
