"""What was run: config, data, code and machine."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from nlpx.report.facts import Facts
from nlpx.report.html import Html, element, folded, joined, table
from nlpx.report.language import phrase
from nlpx.report.sections.heading import note, section
from nlpx.runs.config_diff import NONE, changed_settings
from nlpx.runs.details import changed_settings as flat_settings
from nlpx.runs.flatten import flatten
from nlpx.runs.snapshot import NOT_INSTALLED

MANY = 12
"""Settings above which their list is folded."""


def what_was_run(facts: Facts) -> Html:
    """The settings that differ from defaults, the data with hashes, versions and the machine."""
    return section("What was run", _settings(facts), _data(facts), _conditions(facts))


def _settings(facts: Facts) -> Html:
    if facts.experiment is not None:
        rows = [(each.key, each.value, each.default) for each in changed_settings(facts.experiment)]
    else:
        rows = [(key, str(value), NONE) for key, value in flat_settings(facts.snapshot).items()]
    task = facts.snapshot.task
    if not rows:
        return note(phrase("All settings are the defaults of the task {task}.", task=task))
    shown = table(
        [phrase("setting"), phrase("value"), phrase("default")],
        [[element("code", key), *rest] for key, *rest in rows],
    )
    title = phrase(
        "Settings that differ from the defaults of the task {task}: {count}", count=len(rows), task=task
    )
    # A short list is read, a long one is looked up.
    return folded(title, shown) if len(rows) > MANY else joined([element("h3", title), shown])


def _data(facts: Facts) -> Html:
    rows = [
        [
            split,
            f"{record.rows:,}",
            f"{record.bad:,}",
            f"{record.left_out:,}",
            element("code", f"{record.sha256[:16]}…", title=record.sha256),
        ]
        for split, record in facts.snapshot.data.items()
    ]
    source = facts.snapshot.experiment.get("data")
    settings = source.get("source") if isinstance(source, dict) else None
    files = ", ".join(
        f"{key}: {value}"
        for key, value in flatten(settings).items()
        if value not in (None, 0, False, [], {}) and isinstance(value, str | int)
    )
    return joined(
        [
            element("h3", phrase("Data")),
            table(
                [phrase("split"), phrase("rows"), phrase("bad"), phrase("left out"), "SHA-256"],
                rows,
                class_="data",
            ),
            note(phrase("Source: {files}.", files=files)) if files else Html(),
        ]
    )


def _conditions(facts: Facts) -> Html:
    pairs = [*_pairs(facts)]
    rows = joined(joined([element("dt", name), element("dd", value)]) for name, value in pairs)
    return joined([element("h3", phrase("Code and machine")), element("dl", rows)])


def _pairs(facts: Facts) -> Iterator[tuple[str, str]]:
    snapshot = facts.snapshot
    yield phrase("command"), element("code", shlex.join(snapshot.command))
    yield phrase("started"), snapshot.created[:19].replace("T", " ") + " UTC"
    yield phrase("seed"), str(snapshot.seed)
    if snapshot.project is not None and snapshot.project.commit:
        changes = phrase(", with changes (changes.patch in the run)") if snapshot.project.changed else ""
        yield phrase("commit"), snapshot.project.commit[:12] + changes
    yield (
        phrase("versions"),
        ", ".join(f"{name} {text}" for name, text in snapshot.versions.items() if text != NOT_INSTALLED),
    )
    machine = [
        phrase("{count} CPUs", count=snapshot.cpus),
        snapshot.cpu,
        *snapshot.devices,
        snapshot.platform,
    ]
    yield phrase("machine"), ", ".join(filter(None, machine))
    if snapshot.includes:
        yield (
            phrase("plugins"),
            ", ".join(f"{path} ({sha256[:12]}…)" for path, sha256 in snapshot.includes.items()),
        )
    vocabularies = ", ".join(f"{name} {sha256[:12]}…" for name, sha256 in snapshot.vocabularies.items())
    if vocabularies:
        yield phrase("vocabularies"), f"{vocabularies} (SHA-256)"
