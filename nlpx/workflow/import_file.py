"""Propose the source of a config that reads a file, and check the whole config with it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from nlpx.components.sources.tables import TableFiles
from nlpx.config.interpolate import escape
from nlpx.config.load import load_experiment
from nlpx.core.component import builtin_registry
from nlpx.core.paths import is_folder
from nlpx.core.scratch import scratch
from nlpx.core.suggest import did_you_mean, one_of
from nlpx.data.encoding import Reading
from nlpx.data.formats.character_sets import Encoding
from nlpx.data.formats.identify import Identified, identify
from nlpx.data.formats.look import most
from nlpx.data.formats.options import flow, table_options
from nlpx.data.formats.roles import BY_NAME, BY_ORDER, Role, roles
from nlpx.data.formats.texts import tags_of
from nlpx.data.json_lines import has_half_characters
from nlpx.data.prepared import Counts
from nlpx.data.records import BadRow, Record
from nlpx.errors import DataError, UsageError
from nlpx.specs.experiment import Experiment
from nlpx.workflow.corpus import open_corpus

SOURCES = {
    "couplet": ("pairs",),
    "segmentation": ("segmented_text",),
    "title": ("articles",),
    "similarity": ("scored_pairs", "groups"),
    "poem": ("poems",),
    "sentiment": ("labelled_texts",),
}
"""By task: the sources that read its own texts; the first that fits the columns is chosen."""
SCORED = {"loss": "{type: cosent, scale: 20}", "metrics": "[correlation]", "  monitor": "valid/spearman"}
"""What the starter of similarity needs for scored pairs."""
BUILTIN = re.compile(r"(?m)^  source: \{type: builtin.*\n(?:  # source:.*\n)?(?:  #   .*\n)*")
"""The source of a starter, with the comment about another one."""
HELD_OUT, MOST_HELD_OUT = 10, 2000
"""One row of so many is held out for validation, but no more than that."""
SPACED = 5
EXAMPLES = 3
MOST = 200_000
"""Rows that are read; `nlpx data check` reads all."""
LEAST = 2
"""Rows that can be used, of which one is held out."""
MANY = 0.2
"""Share of rows left out that deserves a warning."""


@dataclass(frozen=True)
class Proposal:
    """A source that reads a file.

    Attributes:
        found: what the file seems to be; None for a folder.
        source: its options, with `type` and `train`.
        roles: the columns that it reads.
        notes: what the reader should know or decide.
        doubt: why it is probably not what the task needs.
    """

    found: Identified | None
    source: dict[str, object]
    roles: Sequence[Role] = ()
    notes: Sequence[str] = ()
    doubt: str = ""

    @property
    def confidence(self) -> str:
        """How sure the proposal is, high, medium or low, and why."""
        if self.doubt:
            return f"low: {self.doubt}"
        reasons = [role.why for role in self.roles]
        if BY_ORDER in reasons:
            return "low: several columns could be meant, and only their order decides"
        if self.found is not None and self.found.guessed:
            return "medium: the character set is a guess"
        if any(why != BY_NAME for why in reasons):
            return "medium: the columns have no known names, but fit by their content"
        return "high: the columns have known names" if reasons else "high: one text per row"


@dataclass
class Checked:
    """The rows that a config with the proposed source reads.

    Attributes:
        counts: numbers of rows by split; all are in train.
        bad: the first bad rows.
        complete: whether these are all rows of the file.
        held_out: how many of them are held out for validation.
        config: the text of the config.
        block: its section data.
        warnings: those of `nlpx data check`.
        lengths: by text of a row, how many rows have which number of characters.
        examples: the first rows.
    """

    counts: Mapping[str, Counts]
    bad: Sequence[BadRow]
    complete: bool = True
    held_out: int = 0
    config: str = ""
    block: str = ""
    warnings: list[str] = field(default_factory=list)
    lengths: dict[str, Counter[int]] = field(default_factory=dict)
    examples: list[str] = field(default_factory=list)

    def add(self, row: Record) -> None:
        """Count a row that is used."""
        for name, text in zip(row.read, row.texts, strict=True):
            self.lengths.setdefault(name, Counter())[len(text)] += 1
        if len(self.examples) < EXAMPLES:
            self.examples.append(row.line)


def propose(path: Path, task: str, encoding: Encoding | None = None) -> Proposal:
    """Look at a file and propose the source of a task that reads it.

    Args:
        encoding: the character set, if it is known.

    Raises:
        UsageError: the task has no source for files of text.
        DataError: the file cannot be read, or has not the columns that the task needs.
    """
    if task not in SOURCES:
        advice = did_you_mean(task, SOURCES) or f"expected {one_of(SOURCES)}."
        raise UsageError(f"--task {task}: no task that reads files of text has this name; {advice}")
    types = SOURCES[task]
    if has_half_characters(str(path.absolute())):
        raise UsageError(
            f"{path}: this path is not UTF-8, so a config cannot contain it. Rename it, or make a link."
        )
    if is_folder(path):
        return Proposal(None, {"type": types[0], "train": path.name})
    found = identify(path, encoding)
    options: dict[str, object] = {"encoding": found.encoding} if found.guessed else {}
    if task == "segmentation":
        return _segmented(found, options)
    if found.header and not found.body:
        raise DataError(f"{path}: the file has a header ({', '.join(found.header)}), and no row below it.")
    reasons = []
    for name in types:
        source = builtin_registry().find("source", name).component
        assert issubclass(source, TableFiles)
        needed = [part for part in source.line_columns if part not in source.optional_columns]
        body = found.body
        chosen = roles(needed, found.header, body) if body else []
        if chosen:
            return _columns(found, source, name, chosen, options)
        reasons.append(f"{name} needs {_listed(needed)}")
    has = f"{len(found.rows[0])} columns" if found.format else "one text per line"
    names = f" ({', '.join(found.header)})" if found.header else ""
    raise DataError(
        f"{path}: the file has {has}{names}; {', and '.join(reasons)}. Add the columns, or name another task."
    )


def _columns(
    found: Identified, source: type[TableFiles], name: str, chosen: Sequence[Role], options: dict[str, object]
) -> Proposal:
    parts, places = [role.part for role in chosen], [role.column for role in chosen]
    rows = [found.header, *found.body] if found.format == "jsonl" else found.rows
    written = found.format or "tsv"
    if written == "jsonl":
        renamed = {role.part: found.header[role.column] for role in chosen}
        options |= (
            {} if ".jsonl" in found.path.suffixes or ".json" in found.path.suffixes else {"format": written}
        )
        options |= {"columns": renamed} if any(part != name for part, name in renamed.items()) else {}
    else:
        options |= table_options(found.path, parts, rows, places, written, found.separator or "\t")
        if source.optional_columns and "columns" not in options:
            options["columns"] = {part: at + 1 for part, at in zip(parts, places, strict=True)}
    notes = []
    if name == "pairs" and most(_spaced(row[at]) for row in found.body for at in places):
        options["blanks"] = True
        notes.append("blanks between all characters are removed (blanks: true)")
    return Proposal(found, {"type": name, "train": found.path.name, **options}, chosen, notes)


def _segmented(found: Identified, options: dict[str, object]) -> Proposal:
    if found.format == "jsonl" or found.header:
        raise DataError(
            f"{found.path}: the file has columns ({', '.join(found.header)}). Expected one sentence per line "
            "with blanks between the words. If a column has such text, name it in a config, as "
            "`source: {type: segmented_text, train: FILE, columns: {words: NAME}}`."
        )
    source = {"type": "segmented_text", "train": found.path.name, **options}
    mark = tags_of(found.lines)
    if mark == "/":
        return Proposal(
            found,
            {**source, "tagged": True},
            (),
            ["words have tags (词/n), which are dropped (tagged: true)"],
        )
    blank = any(len(line.split()) > 1 for line in found.lines)
    return Proposal(found, source, doubt="" if blank else "no line contains a blank between words")


def check(proposal: Proposal, path: Path, task: str) -> Checked:
    """Write the starter config of a task with the proposed source, and read the first rows with it.

    Raises:
        ConfigError: the config is not valid.
        DataError: nearly all rows are bad, or no row can be used.
    """
    component = builtin_registry().find("task", task).component
    assert issubclass(component, Experiment)
    template = component.template().read_text(encoding="utf-8")
    root = path.absolute().parent
    with scratch() as folder:
        draft = folder / "config.yaml"

        def load(holdout: int) -> tuple[str, str, Experiment]:
            block = _block(proposal.source, str(root), holdout)
            text = _filled(template, block, proposal)
            draft.write_text(text, encoding="utf-8")
            return text, block, load_experiment(draft).experiment

        experiment = load(1)[2]
        whole = experiment.data.source.model_copy(update={"holdout": 0}).open(root)
        reading = Reading(whole, experiment.codec(), MOST)
        checked = Checked(reading.counts, reading.bad)
        for row in reading.rows("train"):
            checked.add(row)
        counts = reading.counts["train"]
        checked.complete = counts.rows < MOST
        if counts.used < LEAST:
            few = "one of them is held out for validation, so expected at least two"
            first = f"the first bad row is {reading.bad[0]}" if reading.bad else few if counts.used else ""
            first = first or ("all are too long or short" if counts.rows else "there are none")
            raise DataError(f"{path}: {counts.used or 'none'} of {counts.rows} rows can be used; {first}.")
        holdout = max(1, min(MOST_HELD_OUT, counts.used // HELD_OUT))
        checked.config, checked.block, experiment = load(holdout)
        corpus = open_corpus(experiment)
        checked.warnings = corpus.source.warnings()
        if counts.left_out > counts.rows * MANY:
            checked.warnings.append(
                f"{counts.left_out} of {counts.rows} rows are longer or shorter than the section data of the "
                f"starter allows; `nlpx new {task} FILE` shows its options"
            )
        if not checked.complete:
            checked.held_out = holdout
            return checked
        held_out = Reading(corpus.source, corpus.codec, None)
        with held_out.refusing("skip"):
            checked.held_out = sum(1 for _ in held_out.rows("valid"))
    return checked


def _block(source: Mapping[str, object], root: str, holdout: int) -> str:
    options = {name: _escaped(value) for name, value in {**source, "holdout": holdout}.items()}
    lines = [f"    {name}: {flow(value)}" for name, value in options.items()]
    return "\n".join([f"  root: {flow(escape(root))}", "  source:", *lines])


def _escaped(value: object) -> object:
    """An option in which names of files and columns are no references."""
    if isinstance(value, Mapping):
        return {key: _escaped(inner) for key, inner in value.items()}
    return escape(value) if isinstance(value, str) else value


def _filled(template: str, block: str, proposal: Proposal) -> str:
    """The starter config with another source."""
    text = BUILTIN.sub(lambda _: f"{block}\n", template, count=1)
    text = re.sub(r"(?m)^  # root: .*\n", "", text)
    if proposal.source["type"] == "scored_pairs":
        for key, value in SCORED.items():
            text = re.sub(rf"(?m)^{key}: .*$", f"{key}: {value}", text)
    return text


def _spaced(text: str) -> bool:
    return len(text.strip()) >= SPACED and text.strip()[1::2].isspace()


def _listed(parts: Sequence[str]) -> str:
    return " and ".join(part.replace("#", " (a number)") for part in parts)
