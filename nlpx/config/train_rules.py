"""Rules about the section `train`: the run and every stage have one length, and warm-ups end."""

from __future__ import annotations

from collections.abc import Iterator

from nlpx.components.optimizers.base import Optimizer
from nlpx.components.optimizers.by_variable import ByVariable
from nlpx.config.nodes import Path, dotted
from nlpx.config.rules import Finding, Rules
from nlpx.core.component import Registry
from nlpx.core.suggest import did_you_mean, one_of
from nlpx.specs.experiment import Experiment

STAGES: Path = ("train", "stages")
WARMUP: Path = ("schedule", "warmup_steps")


def training_has_one_length(experiment: Experiment, registry: Registry) -> Iterator[Finding]:
    """The length of training is given by epochs, steps or stages; stages exclude the others."""
    train = experiment.train
    if train.stages is None and train.epochs is None and train.steps is None:
        path: Path = ("train", "epochs")
        yield Finding("C220", (path,), "the length of training is not set", expected="epochs or steps")
    if train.stages is not None:
        for key, value in (("epochs", train.epochs), ("steps", train.steps)):
            if value is not None:
                what = f"the length of training is set by the stages and by train.{key}"
                advice = f"remove train.{key}, or write `{key}: ~` to override a base config"
                yield Finding("C220", (("train", key),), what, str(value), advice=advice)


def stages_have_one_length(experiment: Experiment, registry: Registry) -> Iterator[Finding]:
    """The length of a stage is given by either epochs or steps."""
    for index, stage in enumerate(experiment.train.stages or []):
        path = (*STAGES, index)
        if stage.epochs is None and stage.steps is None:
            yield Finding("C220", (path,), "the length of the stage is not set", expected="epochs or steps")
        elif stage.epochs is not None and stage.steps is not None:
            what = "the length of the stage is set twice"
            got = f"epochs {stage.epochs} and steps {stage.steps}"
            yield Finding("C220", ((*path, "steps"),), what, got, "one of them")


def optimizers_of(experiment: Experiment) -> Iterator[tuple[Path, Optimizer]]:
    """The optimizers of the experiment, of its phases and stages, with their paths."""
    common = experiment.optimizer
    if isinstance(common, Optimizer):
        yield ("optimizer",), common
    else:
        yield from ((("optimizer", phase), optimizer) for phase, optimizer in common.items())
    for index, stage in enumerate(experiment.train.stages or []):
        if stage.optimizer is not None:
            yield (*STAGES, index, "optimizer"), stage.optimizer


def optimizers_see_whole_batches(experiment: Experiment, registry: Registry) -> Iterator[Finding]:
    """An optimizer that evaluates a batch again, or needs its loss, excludes accumulation."""
    accumulation = experiment.train.accumulation
    for path, optimizer in optimizers_of(experiment):
        if optimizer.whole_batch and accumulation > 1:
            what = f"{optimizer.type} needs all rows of an update at once, so it excludes accumulation"
            paths = (("train", "accumulation"), path)
            yield Finding("C226", paths, what, str(accumulation), "1, with a larger train.batch_size")


def warmups_end(experiment: Experiment, registry: Registry) -> Iterator[Finding]:
    """The learning rate reaches its peak before the end of training or of the stage."""
    train = experiment.train
    common = experiment.optimizer
    if train.stages is None and isinstance(common, Optimizer):
        yield from _endless_warmups(common, ("optimizer",), train.steps, ("train", "steps"))
    for index, stage in enumerate(train.stages or []):
        path = (*STAGES, index)
        optimizer = stage.optimizer or common
        if isinstance(optimizer, Optimizer):
            yield from _endless_warmups(optimizer, (*path, "optimizer"), stage.steps, (*path, "steps"))


def _endless_warmups(optimizer: Optimizer, place: Path, steps: int | None, path: Path) -> Iterator[Finding]:
    warmup = optimizer.schedule.warmup_steps
    if steps is not None and warmup >= steps:
        what = "the learning rate never reaches its peak"
        expected = f"fewer than {dotted(path)}, {steps}"
        yield Finding("C212", ((*place, *WARMUP), path), what, f"{warmup} warm-up steps", expected)
    if isinstance(optimizer, ByVariable):
        for index, group in enumerate(optimizer.groups):
            yield from _endless_warmups(group.optimizer, (*place, "groups", index, "optimizer"), steps, path)
        if optimizer.rest:
            yield from _endless_warmups(optimizer.rest, (*place, "rest"), steps, path)


def every_phase_has_an_optimizer(experiment: Experiment, registry: Registry) -> Iterator[Finding]:
    """Where optimizers are written down by phase, there is one for each."""
    optimizers, phases = experiment.optimizer, experiment.phases
    if isinstance(optimizers, Optimizer):
        return
    for name in optimizers:
        if name not in phases:
            path: Path = ("optimizer", name)
            advice = did_you_mean(name, phases)
            yield Finding("C101", (path,), "there is no such phase", "", one_of(phases), advice)
    for name in phases:
        if name not in optimizers:
            what = f"the phase {name} has no optimizer"
            yield Finding("C102", (("optimizer",),), what, expected="one optimizer, or one for each phase")


TRAIN_RULES: Rules = (
    (training_has_one_length, ("train.epochs", "train.steps", "train.stages")),
    (stages_have_one_length, ("train.stages",)),
    (every_phase_has_an_optimizer, ("optimizer",)),
    (optimizers_see_whole_batches, ("optimizer", "train.stages", "train.accumulation")),
    (warmups_end, ("optimizer", "train.steps", "train.stages")),
)
