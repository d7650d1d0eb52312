"""What the parts of a config demand of one another.

A rule is a function that looks at an experiment and tells what does not fit. It is listed in RULES with the
parts it reads, so that it keeps silent where one of them is already reported as wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from nlpx.config.nodes import MappingNode, Path, descend, dotted, key_mark
from nlpx.config.problems import Problem, Report
from nlpx.config.suggest import one_of
from nlpx.registry import Registry
from nlpx.specs.decoders import DecoderSpec
from nlpx.specs.encoders import EncoderSpec
from nlpx.specs.experiment import Experiment
from nlpx.specs.heads import Softmax
from nlpx.specs.losses import LossSpec
from nlpx.specs.metrics import Direction, MetricSpec
from nlpx.specs.sections import BlockSection, HeadedTagger, SentenceSection, TaggerSection
from nlpx.specs.seq2seq import Seq2SeqSection


@dataclass(frozen=True)
class Finding:
    """What a rule found.

    Attributes:
        code, what, got, expected, advice: as in a Problem.
        paths: the values at fault; the first that is written in the file is pointed at.
    """

    code: str
    paths: tuple[Path, ...]
    what: str
    got: str = ""
    expected: str = ""
    advice: str = ""


Rule = Callable[[Experiment, Registry], Iterator[Finding]]


def loss_understands_model(experiment: Experiment, registry: Registry) -> Iterator[Finding]:
    """A CRF wants the likelihood of a CRF, a softmax cross entropy; other models have losses of their own."""
    tagger, loss = tagger_of(experiment), experiment.loss
    if experiment.type in loss.tasks or (tagger is not None and tagger.head.type in loss.heads):
        return
    if tagger is None:
        what = f"the loss {loss.type} is not made for the task {experiment.type}"
    else:
        what = f"the loss {loss.type} does not understand the head {tagger.head.type}"
    fitting = [
        c.name
        for c in registry
        if issubclass(c.spec, LossSpec)
        and (experiment.type in c.spec.tasks or (tagger is not None and tagger.head.type in c.spec.heads))
    ]
    expected = [f"the head {one_of(loss.heads)}"] if tagger is not None and loss.heads else []
    if fitting:
        expected.append(f"the loss {one_of(fitting)}")
    yield Finding("C201", (("loss",), ("model", "head")), what, expected=", or ".join(expected))


def decoder_understands_scores(experiment: Experiment, registry: Registry) -> Iterator[Finding]:
    """A decoder is made for some tasks and some heads."""
    tagger, decoder = tagger_of(experiment), experiment.decode
    head = None if tagger is None else tagger.head.type
    if experiment.type not in decoder.tasks:
        what = f"the decoder {decoder.type} is not made for the task {experiment.type}"
    elif head is not None and head not in decoder.heads:
        what = f"the decoder {decoder.type} does not understand the head {head}"
    else:
        return
    fitting = [
        c.name
        for c in registry
        if issubclass(c.spec, DecoderSpec)
        and experiment.type in c.spec.tasks
        and (head is None or head in c.spec.heads)
    ]
    yield Finding("C202", (("decode",), ("model", "head")), what, expected=one_of(fitting) if fitting else "")


def metrics_understand_task(experiment: Experiment, registry: Registry) -> Iterator[Finding]:
    """A metric compares the answers of some tasks."""
    fitting = sorted(
        c.name for c in registry if issubclass(c.spec, MetricSpec) and experiment.type in c.spec.tasks
    )
    for index, metric in enumerate(experiment.metrics):
        if experiment.type not in metric.tasks:
            what = f"the metric {metric.type} is not made for the task {experiment.type}"
            yield Finding("C203", (("metrics", index),), what, expected=one_of(fitting))


def source_gives_rows_of_task(experiment: Experiment, registry: Registry) -> Iterator[Finding]:
    """A task reads one kind of rows, or a few."""
    source, row = experiment.data.source, experiment.row_type
    read = (experiment.row, *experiment.other_rows)
    if row not in read:
        what = f"the source {source.type} gives {row} rows, the task reads {one_of(read)} rows"
        path: Path = ("data", "source")
        yield Finding("C204", ((*path, "name"), (*path, "type"), path), what)


def parts_understand_rows(experiment: Experiment, registry: Registry) -> Iterator[Finding]:
    """Where a task reads several kinds of rows, a loss and a metric are made for some of them."""
    row, task = experiment.row_type, experiment.type
    parts: list[tuple[Path, LossSpec | MetricSpec]] = [(("loss",), experiment.loss)]
    parts += [(("metrics", index), metric) for index, metric in enumerate(experiment.metrics)]
    for path, part in parts:
        if task in part.tasks and part.rows and row not in part.rows:
            fitting = [
                c.name
                for c in registry
                if issubclass(c.spec, (LossSpec, MetricSpec))
                and (c.kind, task in c.spec.tasks, row in c.spec.rows) == (part.kind, True, True)
            ]
            what = f"the {part.kind} {part.type} is made for {one_of(part.rows)} rows"
            expected = one_of(sorted(fitting)) if fitting else ""
            yield Finding("C218", (path, ("data", "source")), what, f"a source of {row} rows", expected)


def monitor_is_measured(experiment: Experiment, registry: Registry) -> Iterator[Finding]:
    """The number that picks the best checkpoint is measured, and ranked the way its metric means it."""
    monitor, mode = experiment.checkpoint.monitor, experiment.checkpoint.mode
    measured = numbers_of(experiment)
    name = monitor.rpartition("/")[2]
    if name not in measured:
        yield Finding(
            "C207",
            (("checkpoint", "monitor"), ("metrics",)),
            f"the metrics do not give {monitor}",
            expected=one_of(f"valid/{number}" for number in measured)
            if measured
            else "a metric that gives it",
        )
    elif mode not in (None, measured[name]):
        what = f"{monitor} is better when it is {'smaller' if measured[name] == 'min' else 'larger'}"
        yield Finding(
            "C208", (("checkpoint", "mode"),), what, f"mode {mode}", f"{measured[name]}, or no mode"
        )


def buckets_hold_rows(experiment: Experiment, registry: Registry) -> Iterator[Finding]:
    """Length buckets rise and the last one holds the longest row."""
    buckets, longest = experiment.train.buckets, experiment.data.max_length
    path: Path = ("train", "buckets")
    if not buckets:
        return
    for index, (shorter, longer) in enumerate(pairwise(buckets), start=1):
        if longer <= shorter:
            what = "each bucket is longer than the one before"
            yield Finding("C209", ((*path, index),), what, f"{longer} after {shorter}")
            return
    if buckets[-1] < longest:
        what = "the last bucket does not hold the longest row"
        yield Finding(
            "C209",
            ((*path, len(buckets) - 1),),
            what,
            f"{buckets[-1]}",
            f"at least data.max_length, {longest}",
        )


def nothing_is_listed_twice(experiment: Experiment, registry: Registry) -> Iterator[Finding]:
    """Two equal metrics give the same numbers; two n-gram tables of one size, or equal poolings, are one."""
    lists: list[tuple[Path, list[object]]] = [(("metrics",), [metric.type for metric in experiment.metrics])]
    encoder = encoder_of(experiment)
    if encoder is not None:
        lists.append((("model", "embedding", "ngrams"), [ngrams.size for ngrams in encoder.embedding.ngrams]))
    if isinstance(encoder, SentenceSection):
        lists.append((("model", "pooling"), [pooling.type for pooling in encoder.pooling]))
    for path, values in lists:
        for index, value in enumerate(values):
            if value in values[:index]:
                first = dotted((*path, values.index(value)))
                yield Finding("C210", ((*path, index),), f"{value} is listed twice, first as {first}")


def tied_head_shares_vocabulary(experiment: Experiment, registry: Registry) -> Iterator[Finding]:
    """A head can use the embedding table only where answers are characters of the same vocabulary."""
    tagger = tagger_of(experiment)
    if tagger is None or experiment.shared_vocabulary:
        return
    if isinstance(tagger.head, Softmax) and tagger.head.tied:
        what = (
            f"the answers of the task {experiment.type} are no characters, so the head has no table to share"
        )
        yield Finding("C211", (("model", "head", "tied"),), what, expected="false")


def blocks_fit_together(experiment: Experiment, registry: Registry) -> Iterator[Finding]:
    """Every block takes the width that the one before gives."""
    model = getattr(experiment, "model", None)
    if isinstance(model, BlockSection):
        for chain in model.chains:
            yield from _misfits(*chain)


def _misfits(key: str, inputs: int, blocks: Sequence[EncoderSpec]) -> Iterator[Finding]:
    """The first block of a chain that cannot take what it is given."""
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


def validation_rows_exist(experiment: Experiment, registry: Registry) -> Iterator[Finding]:
    """The best checkpoint is chosen by rows that are not trained on."""
    source = experiment.data.source
    path: Path = ("data", "source")
    if source.files("valid") and source.holdout:
        what = f"{source.holdout} rows are held out as the split valid, which also has a file"
        yield Finding("C214", ((*path, "holdout"), path), what, advice="remove holdout, or the file")
    if not source.gives("valid"):
        what = "there are no rows to choose the best checkpoint by"
        advice = f"give `valid`, or hold out rows of train: {source.holds_out}"
        yield Finding("C215", (path,), what, advice=advice)


def samples_are_short_enough(experiment: Experiment, registry: Registry) -> Iterator[Finding]:
    """Where the task does not cut texts, a sample is no longer than the rows it learns from."""
    longest = experiment.data.max_length
    if experiment.cuts_long_texts:
        return
    for index, sample in enumerate(experiment.samples):
        if len(sample) > longest:
            what = "a sample is longer than the rows of the task"
            expected = f"at most data.max_length, {longest}"
            yield Finding("C216", (("samples", index),), what, f"{len(sample)} characters", expected)


def coverage_has_a_pointer(experiment: Experiment, registry: Registry) -> Iterator[Finding]:
    """What a pointer has copied is known only where there is one."""
    model = getattr(experiment, "model", None)
    if isinstance(model, Seq2SeqSection) and model.coverage is not None and model.pointer is None:
        path: Path = ("model", "coverage")
        advice = "give model.pointer a width, or remove coverage"
        yield Finding("C217", (path,), "coverage is that of the pointer, and there is none", advice=advice)


RULES: Sequence[tuple[Rule, tuple[str, ...]]] = (
    (loss_understands_model, ("loss", "model.head")),
    (decoder_understands_scores, ("decode", "model.head")),
    (metrics_understand_task, ("metrics",)),
    (source_gives_rows_of_task, ("data.source",)),
    (parts_understand_rows, ("data.source", "loss", "metrics")),
    (monitor_is_measured, ("checkpoint", "metrics")),
    (buckets_hold_rows, ("train.buckets", "data.max_length")),
    (nothing_is_listed_twice, ("metrics", "model.embedding.ngrams", "model.pooling")),
    (tied_head_shares_vocabulary, ("model.head",)),
    (blocks_fit_together, ("model.embedding", "model.encoder", "model.decoder", "model.width")),
    (validation_rows_exist, ("data.source",)),
    (samples_are_short_enough, ("samples", "data.max_length")),
    (coverage_has_a_pointer, ("model.pointer", "model.coverage")),
)


def apply_rules(
    rules: Sequence[tuple[Rule, tuple[str, ...]]],
    experiment: Experiment,
    left_out: frozenset[Path],
    tree: MappingNode,
    registry: Registry,
    report: Report,
) -> None:
    """Report what the rules find, except those that read something that was left out of the experiment."""
    for rule, reads in rules:
        if any(_touches(tuple(part.split(".")), path) for part in reads for path in left_out):
            continue
        for finding in rule(experiment, registry):
            path = _written(tree, finding.paths)
            mark = key_mark(tree, path)
            report.add(
                Problem(
                    finding.code,
                    mark,
                    dotted(path),
                    finding.what,
                    finding.got,
                    finding.expected,
                    finding.advice,
                )
            )


def tagger_of(experiment: Experiment) -> HeadedTagger | None:
    """The section `model` of a tagging task; None for tasks of another shape."""
    model = getattr(experiment, "model", None)
    return model if isinstance(model, HeadedTagger) else None


def encoder_of(experiment: Experiment) -> TaggerSection | None:
    """The section `model` where it holds an embedding and blocks behind it."""
    model = getattr(experiment, "model", None)
    return model if isinstance(model, TaggerSection) else None


def numbers_of(experiment: Experiment) -> dict[str, Direction]:
    """The numbers that the metrics of an experiment give, and which way each is better."""
    return {name: way for metric in experiment.metrics for name, way in metric.numbers().items()}


def _touches(part: tuple[str, ...], path: Path) -> bool:
    return all(str(key) == name for key, name in zip(path, part, strict=False))


def _written(tree: MappingNode, paths: Sequence[Path]) -> Path:
    """The first path that the file holds; the first of all where it holds none."""
    return next((path for path in paths if descend(tree, path)[1] == path), paths[0])
