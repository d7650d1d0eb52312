"""`nlpx list`: the available components."""

from __future__ import annotations

from pathlib import Path

import click

from nlpx.cli import completed
from nlpx.cli.echo import echo_json
from nlpx.cli.options import include_option, json_option
from nlpx.errors import UsageError


@click.command(epilog="Example: nlpx list encoder")
@click.argument("kind", required=False, shell_complete=completed.kinds)
@include_option
@json_option
def command(kind: str | None, includes: tuple[Path, ...], as_json: bool) -> None:
    """List the components of KIND, or of all kinds, with a summary of each."""
    from nlpx.cli.tables import facts, terminal_width
    from nlpx.cli.wrapped import wrapped
    from nlpx.core.language import preferred
    from nlpx.core.registry import load_registry
    from nlpx.core.suggest import did_you_mean, one_of
    from nlpx.specs.described import summary_of
    from nlpx.specs.document import documentation

    registry = load_registry(includes)
    if kind is not None and not registry.names(kind):  # other kinds are not imported
        advice = did_you_mean(kind, registry.kinds) or f"there is {one_of(registry.kinds)}."
        raise UsageError(f"there is no kind {kind!r}; {advice}")
    kinds = registry.kinds if kind is None else [kind]
    found = {k: [registry.find(k, name) for name in registry.names(k)] for k in kinds}
    if as_json:
        described = [
            {
                "kind": component.kind,
                "name": component.name,
                "summary": documentation(component.component).summary,
                "extra": component.component.extra,
                "where": component.where,
            }
            for components in found.values()
            for component in components
        ]
        echo_json({"components": described})
        return
    language = preferred()
    width = max(len(component.name) for components in found.values() for component in components)
    for name, components in found.items():
        click.echo(click.style(name, bold=True))
        listed = [(c.name, summary_of(c, language)) for c in components]
        for line in facts(listed, terminal_width(), indent=2, names=width, fold=wrapped):
            click.echo(line)
