"""Rules about the data: kind of records, length buckets, validation data, samples."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from nlpx.config.nodes import Path
from nlpx.config.rules import Finding, Rules
from nlpx.core.component import Registry
from nlpx.core.suggest import one_of
from nlpx.specs.experiment import Experiment, TextExperiment


def source_gives_rows_of_task(experiment: Experiment, registry: Registry) -> Iterator[Finding]:
    """The source gives records of a kind that the task reads."""
    source, row = experiment.data.source, experiment.row_type
    read = experiment.records()
    if row not in read:
        what = f"the source {source.type} gives {row} records, but the task reads {one_of(read)} records"
        path: Path = ("data", "source")
        yield Finding("C204", ((*path, "name"), (*path, "type"), path), what)


def buckets_hold_rows(experiment: Experiment, registry: Registry) -> Iterator[Finding]:
    """Length buckets are ascending, and the last one is at least the maximum length."""
    buckets, path = experiment.train.buckets, ("train", "buckets")
    if not buckets or not isinstance(experiment, TextExperiment):
        return
    longest = experiment.data.max_length
    for index, (shorter, longer) in enumerate(pairwise(buckets), start=1):
        if longer <= shorter:
            what = "buckets must be ascending"
            yield Finding("C209", ((*path, index),), what, f"{longer} after {shorter}")
            return
    if buckets[-1] < longest:
        what = "the last bucket is shorter than the longest rows"
        yield Finding(
            "C209",
            ((*path, len(buckets) - 1),),
            what,
            f"{buckets[-1]}",
            f"at least data.max_length, {longest}",
        )


def validation_rows_exist(experiment: Experiment, registry: Registry) -> Iterator[Finding]:
    """There is validation data for checkpoint selection."""
    source = experiment.data.source
    path: Path = ("data", "source")
    if "valid" in source.files() and source.holdout:
        what = f"{source.holdout} rows are held out for validation, but there also is a validation file"
        yield Finding("C214", ((*path, "holdout"), path), what, advice="remove holdout, or the file")
    if "valid" not in source.splits():
        what = "there is no validation data to select the best checkpoint"
        advice = f"set `valid`, or hold out training rows: {source.holds_out}"
        yield Finding("C215", (path,), what, advice=advice)


def samples_are_short_enough(experiment: Experiment, registry: Registry) -> Iterator[Finding]:
    """If the task does not split or truncate texts, samples do not exceed the maximum length."""
    if not isinstance(experiment, TextExperiment) or experiment.cuts_long_texts:
        return
    longest = experiment.data.max_length
    for index, sample in enumerate(experiment.samples):
        if len(sample) > longest:
            what = "the sample is too long for the task"
            expected = f"at most data.max_length, {longest}"
            yield Finding("C216", (("samples", index),), what, f"{len(sample)} characters", expected)


DATA_RULES: Rules = (
    (source_gives_rows_of_task, ("data.source",)),
    (buckets_hold_rows, ("train.buckets", "data.max_length")),
    (validation_rows_exist, ("data.source",)),
    (samples_are_short_enough, ("samples", "data.max_length")),
)
