"""Write docs/components.md, the reference of all components, from their docstrings.

    python docs/generate.py [--check]

With --check nothing is written; the exit code is 1 if the file is not up to date.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from nlpx.core.component import Entry, builtin_registry
from nlpx.specs.document import documentation
from nlpx.specs.options import options_of

TARGET = Path(__file__).parent / "components.md"
HEAD = """# Components

All components that a config can use, by kind. `make docs` generates this file from their docstrings;
`nlpx describe KIND/NAME` prints the same text in a terminal.
"""


def reference() -> str:
    """The whole file."""
    registry = builtin_registry()
    blocks = [
        HEAD,
        *(f"* [{kind}](#{kind}): {_links(kind, registry.names(kind))}" for kind in registry.kinds),
    ]
    for kind in registry.kinds:
        blocks.append(f"\n## {kind}")
        for name in registry.names(kind):
            blocks += _component(registry.find(kind, name))
    return "\n".join(blocks) + "\n"


def _links(kind: str, names: list[str]) -> str:
    return ", ".join(f"[{name}](#{kind}{name})" for name in names)


def _component(component: Entry) -> Iterator[str]:
    """One component; the heading `kind/name` has the anchor `kindname`."""
    text = documentation(component.component)
    yield f"\n### {component.kind}/{component.name}\n\n{text.summary}"
    if text.formula:
        yield f"\n```text\n{text.formula}\n```"
    options = list(options_of(component.component))
    if options:
        yield "\n| option | value | default | meaning |\n|---|---|---|---|"
        for option in options:
            default = f"`{option.default}`" if option.default else ""
            cells = (f"`{option.name}`", option.type, default, option.text)
            yield "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"
    if text.parts:
        yield ""
    for part, meaning in text.parts.items():
        yield f"* {part}: {meaning}"
    if text.example:
        yield f"\n```yaml\n{text.example}\n```"


def main(arguments: list[str]) -> int:
    written = reference()
    if arguments == ["--check"]:
        current = TARGET.read_text(encoding="utf-8") if TARGET.is_file() else ""
        if current != written:
            print(f"docs/{TARGET.name} is not up to date. Run: make docs", file=sys.stderr)
        return int(current != written)
    TARGET.write_text(written, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
