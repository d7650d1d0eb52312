"""The model card of a run, or of a bundle, in Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nlpx.core.printable import printable
from nlpx.inference.intervals import LEVEL
from nlpx.runs.config_diff import changed_settings
from nlpx.runs.directory import RunDirectory
from nlpx.runs.record import EvaluationRecord, Snapshot, evaluations
from nlpx.runs.snapshot import NOT_INSTALLED
from nlpx.specs.document import documentation
from nlpx.specs.experiment import Experiment
from nlpx.workflow.measured import Measured, measured

if TYPE_CHECKING:
    from nlpx.workflow.rounded import Compared

SHORT_HASH = 12
FOLDERS = re.compile(r"""(?<![\w./])/(?:[^/\s",][^/",]*/)+(?=[^/\s",])""")
"""Folders of absolute paths, which belong to the machine."""
LICENCE = (
    "Not stated. Whoever publishes this model states here under which licence, and whether its training data "
    "allow that."
)
PURPOSE = "Describe here what the model is meant for, and for which inputs its predictions are poor."
BUILTIN = (
    "The training data are the sample that nlpx generates for trying things out: do not use the model for "
    "anything else."
)


@dataclass(frozen=True)
class BundleFacts:
    """What is known of a bundle.

    Attributes:
        inputs, rows: how many inputs and validation rows were compared.
        rounded: what int8 weights change; None for others.
        changed: whether settings were changed, so that the evaluations of the run are of another model.
        tied: how many of those have another prediction, because of a tie.
    """

    inputs: int
    rows: int
    rounded: Compared | None
    changed: bool
    tied: int = 0


def card(
    run: RunDirectory, experiment: Experiment, step: int | None, exported: BundleFacts | None = None
) -> str:
    """The model card; what nobody can know but its author is left to be filled in.

    Args:
        run: the run.
        experiment: its config.
        step: of the checkpoint; None if there is none.
        exported: for the card of a bundle.

    Raises:
        DamagedRun: the snapshot of the run, or a stored evaluation, is damaged.
    """
    snapshot = Snapshot.of(run)
    stored = [] if exported and exported.changed else list(evaluations(run).values())
    found = [measured(run, record, experiment, subsets=False) for record in stored if record.step == step]
    return "\n".join(_lines(run, snapshot, experiment, step, found, exported))


def _lines(
    run: RunDirectory,
    snapshot: Snapshot,
    experiment: Experiment,
    step: int | None,
    found: Sequence[Measured],
    exported: BundleFacts | None,
) -> Iterator[str]:
    summary = documentation(type(experiment)).summary
    yield from (f"# {_text(experiment.type)}: {_text(run.id)}", "", _text(summary), "")
    facts = {
        "task": experiment.type,
        "run": f"{run.id}, {'no checkpoint' if step is None else f'step {step}'}",
        "trained": f"{snapshot.created[:10]}, seed {snapshot.seed}",
        "metric that selected the checkpoint": snapshot.monitor,
    }
    yield from _table(["", ""], facts.items())
    inputs = "--input IMAGE" if experiment.takes_images else "--text ..."
    what = inputs if experiment.takes_input else "--count 5"
    yield from ("```", f"nlpx predict {'FOLDER' if exported else 'RUN'} {what}", "```", "")
    if exported is not None:
        yield from _of_bundle(exported)
    yield from ("## Data", "", *_data(snapshot))
    yield from ("## Results", "", *_results(snapshot, found))
    yield from ("## Licence", "", LICENCE, "", "## Limits", "", PURPOSE, "", *_limits(experiment, found))
    yield from ("## How to reproduce", "", *_reproduce(snapshot, experiment))


def _of_bundle(exported: BundleFacts) -> Iterator[str]:
    yield (
        "The folder is complete: predictions need onnxruntime, and neither TensorFlow nor Keras. Before it "
        f"was written, its predictions for {exported.inputs} inputs and {exported.rows} validation rows were "
        "compared with those of the run."
    )
    if exported.tied:
        yield (
            f"{exported.tied} of them are others, where two texts have the same score except for rounding; "
            "all numbers agree."
        )
    if exported.rounded is not None:
        yield f"Then its weights were quantized. {exported.rounded.describe()}"
    yield ""


def _data(snapshot: Snapshot) -> Iterator[str]:
    rows = [
        (split, f"{record.rows:,}", f"{record.bad:,}", f"{record.left_out:,}", f"`{record.sha256}`")
        for split, record in snapshot.data.items()
    ]
    yield from _table(["split", "rows", "bad", "left out", "SHA-256"], rows)


def _results(snapshot: Snapshot, found: Sequence[Measured]) -> Iterator[str]:
    if not found:
        yield from ("Not evaluated.", "")
    for each in found:
        record = each.record
        yield from (f"{record.split}, {record.rows:,} rows:", "")
        yield from _table(["metric", "value", f"{LEVEL} % interval", "better is"], _metrics(snapshot, each))
        for system, numbers in record.references.items():
            shown = ", ".join(f"{name} {value:.4f}" for name, value in numbers.items() if "/" not in name)
            yield from (f"Reference {_text(system)}: {_text(shown)}", "")
    if any(each.estimates for each in found):
        yield (
            "Intervals are percentiles of the bootstrap over rows. They show how much a value depends on "
            "these rows, and not how much another seed changes it."
        )
        yield ""


def _metrics(snapshot: Snapshot, each: Measured) -> Iterator[tuple[str, ...]]:
    for name, value in each.record.metrics.items():
        if "/" in name:
            continue
        estimate = each.estimates.get(name)
        known = estimate is not None and estimate.low < estimate.high
        interval = f"{estimate.low:.4f} – {estimate.high:.4f}" if estimate and known else ""
        way = {"min": "lower", "max": "higher"}.get(snapshot.directions.get(name, ""), "")
        yield name, f"{value:.4f}", interval, way


def _limits(experiment: Experiment, found: Sequence[Measured]) -> Iterator[str]:
    """What the run itself shows."""
    if experiment.data.source.type == "builtin":
        yield f"* {BUILTIN}"
    for each in found:
        yield from _subsets(each.record)
    if found:
        yield "* One seed: another one gives other values. Train several to know how much they differ."
    yield ""


def _subsets(record: EvaluationRecord) -> Iterator[str]:
    """The values of subsets, by which a reader sees where the model is weak."""
    first = next((name for name in record.metrics if "/" not in name), None)
    values = {
        name.rpartition("/")[0]: value
        for name, value in record.metrics.items()
        if name.rpartition("/")[2] == first and "/" in name
    }
    if first is not None and len(values) > 1:
        shown = ", ".join(f"{subset} {value:.4f}" for subset, value in values.items())
        yield f"* {first} of subsets of {record.split}: {_text(shown)}"


def _reproduce(snapshot: Snapshot, experiment: Experiment) -> Iterator[str]:
    versions = ", ".join(
        f"{name} {version}" for name, version in snapshot.versions.items() if version != NOT_INSTALLED
    )
    machine = f"{snapshot.cpus} CPUs {snapshot.cpu}".rstrip()
    yield from (f"Trained with {_text(versions)}, on {_text(machine)}.", "")
    if snapshot.project is not None and snapshot.project.commit:
        changes = ", with changes" if snapshot.project.changed else ""
        yield from (f"Commit of the project: `{snapshot.project.commit[:SHORT_HASH]}`{changes}.", "")
    settings = changed_settings(experiment)
    yield from (
        "Settings that differ from the defaults of the task:" if settings else "All settings are defaults.",
        "",
    )
    if settings:
        yield from _table(
            ["setting", "value"], [(setting.key, FOLDERS.sub("", setting.value)) for setting in settings]
        )


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(header)} |"
    yield "|---" * len(header) + "|"
    for row in rows:
        yield f"| {' | '.join(map(_text, row))} |"
    yield ""


def _text(text: str) -> str:
    """A text of a run inside Markdown: on one line, and without elements or columns of its own."""
    plain = printable(text)
    for mark, entity in (("&", "&amp;"), ("<", "&lt;"), ("|", "\\|")):
        plain = plain.replace(mark, entity)
    return plain
