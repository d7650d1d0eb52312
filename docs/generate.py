"""Write docs/components.md and its Chinese page from docstrings, and what nlpx describe says in Chinese.

    python docs/generate.py [--check]

With --check nothing is written; the exit code is 1 if a file is not up to date. The Chinese texts are in
docs/chinese; a text that is missing there, or that no docstring has any more, makes the exit code 1, too.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import explained
from translated import PARTS, Chinese, type_text

from nlpx.components.values import described
from nlpx.core.component import Entry, Registry, builtin_registry
from nlpx.specs.document import documentation
from nlpx.specs.options import options_of

FOLDER = Path(__file__).parent
DESCRIPTIONS = FOLDER.parent / "nlpx" / "specs" / "descriptions.json"


def same(text: str) -> str:
    """A text as it is."""
    return text


@dataclass(frozen=True)
class Language:
    """What differs between the pages.

    Attributes:
        page: the file.
        head: its beginning.
        columns: the head of the tables of options.
        parts: the name of a part of a docstring, where it is another one.
        mark: between the name of a part and its text.
        text: translates a text of a docstring.
        formula, shapes, reference: translate what needs it of these parts.
        type: translates the type of an option.
    """

    page: str
    head: str
    columns: str
    parts: Mapping[str, str] = field(default_factory=dict)
    mark: str = ": "
    text: Callable[[str], str] = same
    formula: Callable[[str], str] = same
    shapes: Callable[[str], str] = same
    reference: Callable[[str], str] = same
    type: Callable[[str], str] = same


ENGLISH = Language(
    "components.md",
    """\
# Components

All components that a config can use, by kind. `make docs` generates this file from their docstrings;
`nlpx describe KIND/NAME` prints the same text in a terminal, with `--lang zh` in Chinese.
[中文](components.zh-CN.md)
""",
    "| option | value | default | meaning |",
)


def chinese(texts: Chinese) -> Language:
    """The Chinese page."""
    return Language(
        "components.zh-CN.md",
        """\
# 组件

配置中可用的全部组件，按种类排列。本页由 `make docs` 根据代码中的说明生成；
`nlpx describe 类别/名称` 在终端里显示同样的说明，`NLPX_LANG=zh` 或 `--lang zh` 选择中文。
[English](components.md)
""",
        "| 选项 | 取值 | 默认值 | 含义 |",
        PARTS,
        "：",
        texts.of,
        texts.formula,
        texts.shapes,
        texts.reference,
        type_text,
    )


def reference(registry: Registry, language: Language) -> str:
    """The whole file."""
    blocks = [
        language.head,
        *(f"* [{kind}](#{kind}): {_links(kind, registry.names(kind))}" for kind in registry.kinds),
    ]
    for kind in registry.kinds:
        blocks.append(f"\n## {kind}")
        for name in registry.names(kind):
            blocks += _component(registry.find(kind, name), language)
    return "\n".join(blocks) + "\n"


def _links(kind: str, names: list[str]) -> str:
    return ", ".join(f"[{name}](#{kind}{name})" for name in names)


def _component(component: Entry, language: Language) -> Iterator[str]:
    """One component; the heading `kind/name` has the anchor `kindname`."""
    text = documentation(component.component)
    yield f"\n### {component.kind}/{component.name}\n\n{language.text(text.summary)}"
    if text.formula:
        yield f"\n```formula\n{language.formula(text.formula)}\n```"
    options = list(options_of(component.component))
    if options:
        yield f"\n{language.columns}\n|---|---|---|---|"
        for option in options:
            default = f"`{option.default}`" if option.default else ""
            cells = (f"`{option.name}`", language.type(option.type), default, language.text(option.text))
            yield "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"
    if text.parts:
        yield ""
    for part, meaning in text.parts.items():
        yield f"* {language.parts.get(part, part)}{language.mark}{_part(language, part, meaning)}"
    if text.example:
        yield f"\n```yaml\n{text.example}\n```"


def _part(language: Language, part: str, meaning: str) -> str:
    """What a part of a docstring says, in a language."""
    told = {"Shapes": language.shapes, "Reference": language.reference}
    return told.get(part, language.text)(meaning)


def descriptions(registry: Registry, texts: Chinese) -> str:
    """The Chinese that `nlpx describe` prints, as JSON; `english` is the summary that was translated.

    A component has a line, so that a change of it is one.
    """
    told = chinese(texts)
    found: list[str] = []
    for entry in registry:
        text = documentation(entry.component)
        page = {
            "english": text.summary,
            "summary": told.text(text.summary),
            "formula": told.formula(text.formula),
            "options": {o.name: [told.type(o.type), told.text(o.text)] for o in options_of(entry.component)},
            "parts": {PARTS[part]: _part(told, part, said) for part, said in text.parts.items()},
        }
        found.append(f'"{entry.kind}/{entry.name}": {json.dumps(page, ensure_ascii=False)}')
    values = {name: told.text(text) for name, text in described(registry).items()}
    joined = ",\n".join(found)
    return f'{{"values": {json.dumps(values, ensure_ascii=False)},\n"components": {{\n{joined}\n}}}}\n'


def main(arguments: list[str]) -> int:
    registry, texts = builtin_registry(), Chinese.read()
    faults = []
    files = {FOLDER / each.page: reference(registry, each) for each in (ENGLISH, chinese(texts))}
    files |= {explained.TARGET: explained.explanations(), DESCRIPTIONS: descriptions(registry, texts)}
    for target, written in files.items():
        if arguments != ["--check"]:
            target.write_text(written, encoding="utf-8")
        elif not target.is_file() or target.read_text(encoding="utf-8") != written:
            faults.append(f"{target.relative_to(FOLDER.parent)} is not up to date. Run: make docs")
    faults += texts.problems()
    print(*faults, sep="\n", end="\n" * bool(faults), file=sys.stderr)
    return int(bool(faults))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
