"""`nlpx data import`: look at a file of texts, and write the config that reads it."""

from __future__ import annotations

import os
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from nlpx.cli import completed
from nlpx.cli.echo import echo, echo_json, tell
from nlpx.cli.options import CHARACTER_SETS, PATH, json_option
from nlpx.cli.output_file import OutputPath
from nlpx.core.counted import counted
from nlpx.core.paths import is_there, why_absent
from nlpx.errors import DataError, UsageError

if TYPE_CHECKING:
    from nlpx.data.formats.character_sets import Encoding
    from nlpx.workflow.import_file import Checked, Proposal

FORMATS = {
    "tsv": "columns separated by {}",
    "csv": "CSV with {}",
    "jsonl": "JSON lines",
    None: "one text per line",
}
SEPARATORS = {"\t": "tabs", ",": "commas", ";": "semicolons", "|": "bars", "": ""}
SHOWN = 3
EXAMPLE = "nlpx data import couplets.csv --task couplet --output couplets.yaml"


@click.command("import", epilog=f"Example: {EXAMPLE}")
@click.argument("file", type=PATH)
@click.option(
    "--task",
    required=True,
    help="Task to train on the texts: couplet, segmentation, title, similarity, poem, sentiment.",
    shell_complete=completed.tasks,
)
@click.option(
    "--output",
    type=OutputPath(dir_okay=False, path_type=Path),
    help="Write a starter config to this new file; default: only print its section data.",
)
@click.option(
    "--encoding",
    type=click.Choice(CHARACTER_SETS),
    help="Character set of FILE; default: UTF-8, or a guess.",
)
@json_option
def import_file(file: Path, task: str, output: Path | None, encoding: Encoding | None, as_json: bool) -> None:
    """Look at FILE, say what it seems to be, and write the config that reads it.

    Finds out the compression, the character set, the format and the columns, reads the first 200,000 rows
    with the config of the task, and shows their number, lengths and examples. FILE is not changed. Exits with
    3 if there are bad rows.
    """
    from nlpx.core.files import replace_file
    from nlpx.workflow.import_file import check, propose

    if not is_there(file):
        raise UsageError(f"{file}: {why_absent(file, 'file or folder')}.")
    if output is not None and os.path.lexists(output):
        raise UsageError(f"{output}: already exists and was not changed. Choose another --output.")
    proposal = propose(file, task, encoding)
    if not as_json:
        echo("\n".join(_described(proposal, file)))
    checked = check(proposal, file, task)
    if output is not None:
        replace_file(output, checked.config)
    if as_json:
        echo_json(_as_json(proposal, checked))
    else:
        echo("\n".join([*_rows(checked), "data:", checked.block]))
    for note in (*proposal.notes, *checked.warnings):
        tell(f"note: {note}")
    if output is not None:
        tell(
            f"{output}: written\ncheck it with: nlpx data check {output}\ntrain it with: nlpx train {output}"
        )
    counts = checked.counts["train"]
    if counts.bad:
        them = "it" if counts.bad == 1 else "them"
        tell(
            f"{counted(counts.bad, 'row is', 'rows are')} bad; fix {them}, or set data.on_bad_line: skip to "
            f"leave {them} out. `nlpx data check` lists all."
        )
        raise click.exceptions.Exit(DataError.exit_code)


def _described(proposal: Proposal, file: Path) -> list[str]:
    found = proposal.found
    if found is None:
        return [f"{file}: a folder, read as {proposal.source['type']}"]
    what = FORMATS[found.format].format(SEPARATORS[found.separator])
    packed = f"{found.compression}, " if found.compression else ""
    lines = [f"{file}: {packed}{what}; {found.charset}"]
    if found.header:
        lines.append(f"{'fields' if found.format == 'jsonl' else 'header'}: {', '.join(found.header)}")
    for role in proposal.roles:
        place = f"column {role.column + 1}"
        if found.header:
            place += f" ({found.header[role.column]})"
        lines.append(f"{role.part}: {place}, {role.why}")
    return [*lines, f"confidence: {proposal.confidence}"]


def _rows(checked: Checked) -> list[str]:
    from nlpx.cli.histogram import histogram, quantile

    counts = checked.counts["train"]
    lines = [
        f"{'' if checked.complete else 'the first '}{counted(counts.rows, 'row')}: {counts.used} used, "
        f"{counts.bad} bad, {counts.left_out} left out by the lengths in data; {checked.held_out} held out "
        "for validation"
    ]
    lines += [f"  bad: {row}" for row in checked.bad[:SHOWN]]
    for name, lengths in checked.lengths.items():
        lines.append(
            f"length of {name}: median {quantile(lengths, 0.5)}, 99 % are at most {quantile(lengths, 0.99)}"
        )
        lines += [f"  {line}" for line in histogram(lengths)]
    return [*lines, "first rows:", *(f"  {_shortened(line)}" for line in checked.examples)]


def _shortened(line: str) -> str:
    return line if len(line) <= 70 else f"{line[:70]}..."


def _as_json(proposal: Proposal, checked: Checked) -> dict[str, object]:
    found = proposal.found
    file = found and {
        "compression": found.compression or None,
        "encoding": found.encoding,
        "encoding_guessed": found.guessed,
        "format": found.format or "lines",
        "separator": found.separator or None,
        "header": list(found.header),
    }
    return {
        "file": file,
        "source": proposal.source,
        "confidence": proposal.confidence,
        "columns": [asdict(role) for role in proposal.roles],
        "rows": asdict(checked.counts["train"])
        | {"held_out": checked.held_out, "complete": checked.complete},
        "bad": [asdict(row) for row in checked.bad],
        "lengths": checked.lengths,
        "examples": checked.examples,
        "notes": [*proposal.notes, *checked.warnings],
    }
