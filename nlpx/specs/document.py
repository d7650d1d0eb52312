"""Parse the docstring of a component into its parts."""

from __future__ import annotations

import inspect
import re
import textwrap
from dataclasses import dataclass

from nlpx.core.component import Section

PARTS = ("Options", "Shapes", "Data", "Relations", "Reference", "Example")
"""The parts of the docstring of a component, in this order; sections only have the first one."""

_PART = re.compile(rf"^({'|'.join(PARTS)}):(.*)$")
_OPTION = re.compile(r"^(\w+): (.+)$")


@dataclass(frozen=True)
class Documentation:
    """The parts of a docstring.

    Attributes:
        summary: one sentence.
        formula: formula; may be empty.
        options: text by option, in the order of the docstring.
        parts: the text of `Shapes`, `Data`, `Relations`, `Reference`.
        example: YAML.
    """

    summary: str
    formula: str
    options: dict[str, str]
    parts: dict[str, str]
    example: str


def documentation(section: type[Section]) -> Documentation:
    """The documentation of a component; inherited options may be documented in the base class."""
    head, found = _split(section)
    summary, _, formula = head.partition("\n\n")
    options = _options(found.get("Options", ""))
    for base in section.__mro__[1:]:
        if issubclass(base, Section):
            for name, text in _options(_split(base)[1].get("Options", "")).items():
                options.setdefault(name, text)
    return Documentation(
        summary=_joined(summary),
        formula=formula.strip(),
        options={name: text for name, text in options.items() if name in section.model_fields},
        parts={name: _joined(found[name]) for name in PARTS[1:-1] if found.get(name)},
        example=textwrap.dedent(found.get("Example", "")).strip("\n"),
    )


def own_options(section: type[Section]) -> list[str]:
    """The names under `Options:` in the docstring of this class, without inherited ones."""
    return list(_options(_split(section)[1].get("Options", "")))


def _split(section: type[Section]) -> tuple[str, dict[str, str]]:
    """The text before the first part, and the text of every part."""
    head: list[str] = []
    found: dict[str, list[str]] = {}
    into = head
    for line in inspect.cleandoc(section.__dict__.get("__doc__") or "").splitlines():
        match = _PART.match(line)
        if match is None:
            into.append(line)
        else:
            into = found.setdefault(match[1], [match[2].strip()] if match[2].strip() else [])
    return "\n".join(head).strip(), {name: "\n".join(lines) for name, lines in found.items()}


def _options(text: str) -> dict[str, str]:
    """Options with one `name: text` per line; deeper indented lines continue the text."""
    options: dict[str, str] = {}
    name = ""
    for line in textwrap.dedent(text).splitlines():
        match = _OPTION.match(line)
        if match is not None:
            name = match[1]
            options[name] = match[2]
        elif name and line.startswith(" "):
            options[name] += " " + line.strip()
    return options


def _joined(text: str) -> str:
    return " ".join(text.split())
