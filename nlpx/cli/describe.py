"""`nlpx describe`: the documentation of a component, or what an error code means."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from nlpx.cli import completed
from nlpx.cli.echo import echo_json
from nlpx.cli.options import include_option, json_option
from nlpx.cli.tables import terminal_width
from nlpx.cli.wrapped import wrapped
from nlpx.core.language import LANGUAGES, preferred
from nlpx.errors import UsageError

if TYPE_CHECKING:
    from nlpx.core.component import Entry, Registry

ERROR = "error/"
WIDTH = 100
"""Columns of text where no terminal is narrower."""


@click.command(epilog="Example: nlpx describe encoder/gated_conv")
@click.argument("component", metavar="KIND/NAME", shell_complete=completed.components)
@include_option
@json_option
@click.option("--lang", type=click.Choice(LANGUAGES), help="The language; default: the terminal's.")
def command(component: str, includes: tuple[Path, ...], as_json: bool, lang: str | None) -> None:
    """Show the documentation of a component: its options with types, ranges and defaults, and an example.

    KIND/ can be omitted if the name is unique. `task/NAME` documents every section of a config.
    `error/CODE` explains an error code of a config. All are in Chinese or English.
    """
    if component.startswith(ERROR):
        _explain(component.removeprefix(ERROR).upper(), lang or preferred(), as_json)
        return
    from nlpx.core.registry import load_registry

    registry = load_registry(includes)
    found = _find(registry, component)
    if as_json:
        echo_json(_as_json(found))
        return
    for line in _page(found, registry, lang or preferred(), min(terminal_width() or WIDTH, WIDTH)):
        click.echo(line)


def _explain(code: str, language: str, as_json: bool) -> None:
    """Print the entry of an error code."""
    from nlpx.config.explained import explanation
    from nlpx.config.problems import CODES
    from nlpx.core.suggest import did_you_mean

    if code not in CODES:
        advice = did_you_mean(code, CODES) or "nlpx check --codes lists all."
        raise UsageError(f"there is no error {code}; {advice}")
    found = explanation(code, language)
    if as_json:
        echo_json({"kind": "error", "name": code, **asdict(found)})
        return
    click.echo(click.style(f"{code}: {found.title}", bold=True))
    click.echo(f"\n{textwrap.indent(found.example, '    ')}")
    width = min(terminal_width() or WIDTH, WIDTH)
    for paragraph in found.advice.split("\n\n"):
        click.echo("")
        click.echo("\n".join(_filled(paragraph, width)))


def _filled(paragraph: str, width: int) -> list[str]:
    """Lines of a paragraph; a list, or Chinese, which has no blanks at which to break, stays as it is."""
    if not paragraph.isascii() or paragraph.startswith(("* ", "|", "`" * 3)):
        return paragraph.splitlines()
    return wrapped(" ".join(paragraph.split()), width)


def _find(registry: Registry, text: str) -> Entry:
    from nlpx.core.suggest import did_you_mean, one_of

    addresses = {f"{component.kind}/{component.name}": component for component in registry}
    if text in addresses:
        return addresses[text]
    same_name = [
        address for address, component in addresses.items() if component.name == text.rpartition("/")[2]
    ]
    if len(same_name) == 1 and "/" not in text:
        return addresses[same_name[0]]
    if same_name:
        raise UsageError(f"there is no {text}; there is {one_of(same_name)}.")
    names = {component.name: address for address, component in addresses.items()}
    advice = did_you_mean(text, addresses)
    if not advice and (near := did_you_mean(text, names)):
        advice = f"did you mean {names[near.removeprefix('did you mean ').removesuffix('?')]}?"
    raise UsageError(f"there is no {text}; {advice or 'nlpx list shows all components.'}")


def _page(entry: Entry, registry: Registry, language: str, width: int) -> Iterator[str]:
    from nlpx.core.extras import how_to_install
    from nlpx.specs.described import page_of

    page = page_of(entry, registry, language)
    words = page.headings
    yield click.style(f"{entry.kind}/{entry.name}", bold=True)
    yield from wrapped(page.summary, width)
    if page.formula:
        yield ""
        yield page.formula
    if page.options:
        yield ""
        yield click.style(words.options + words.colon, bold=True)
    for option in page.options:
        default = f"{words.default}{option.default}" if option.default else ""
        yield f"  {click.style(option.name, bold=True)}{words.mark}{option.type}{default}"
        yield from wrapped(option.text, width, "      ")
    for heading, values in ((words.needs, page.needs), (words.gives, page.gives)):
        if values:
            yield ""
            yield click.style(heading + words.colon, bold=True)
        for name, text in values.items():
            yield from wrapped(f"{name}{words.mark}{text}", width, "  ", "    ")
    yield ""
    for part, text in page.parts.items():
        yield from wrapped(f"{part}{words.mark}{text}", width, after="    ")
    if entry.component.extra:
        yield f"{words.install}{words.mark}{how_to_install(entry.component.extra)}"
    yield ""
    yield click.style(words.example + words.colon, bold=True)
    yield textwrap.indent(page.example, "    ")
    yield ""
    yield f"{words.source}{words.mark}{entry.where}"
    if entry.implementation:
        yield f"{words.implementation}{words.mark}{entry.implementation}"


def _as_json(component: Entry) -> dict[str, object]:
    from nlpx.specs.document import documentation
    from nlpx.specs.options import options_of

    return {
        "kind": component.kind,
        "name": component.name,
        **asdict(documentation(component.component)),
        "options": [asdict(option) for option in options_of(component.component)],
        "needs": sorted(component.component.needs),
        "gives": sorted(component.component.gives),
        "extra": component.component.extra,
        "where": component.where,
        "implementation": component.implementation,
    }
