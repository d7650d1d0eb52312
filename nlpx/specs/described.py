"""The documentation of a component in the language of the user, for a terminal."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import Any

from nlpx.components.values import described as values_of
from nlpx.core.component import Entry, Registry
from nlpx.core.language import CHINESE
from nlpx.specs.document import documentation
from nlpx.specs.options import Option, options_of

FILE = "descriptions.json"
"""The Chinese of all built-in components, written by docs/generate.py."""


@dataclass(frozen=True)
class Headings:
    """The words of a page that are the same for all components."""

    options: str = "Options"
    default: str = ", default "
    needs: str = "Needs"
    gives: str = "Gives"
    unknown: str = "a value of a plugin"
    install: str = "Install"
    example: str = "Example"
    source: str = "Source"
    implementation: str = "Implementation"
    mark: str = ": "
    colon: str = ":"


HEADINGS = Headings()
CHINESE_HEADINGS = Headings(
    "选项", "，默认 ", "需要", "提供", "插件的值", "安装", "示例", "源码", "实现", "：", "："
)


@dataclass(frozen=True)
class Page:
    """What `nlpx describe` says about a component.

    Attributes:
        summary, formula: one sentence, and a formula, which may be empty.
        options: all options, those of sections with dotted names.
        needs, gives: texts of values by their names.
        parts: the other parts of the docstring by their headings.
        example: YAML.
        headings: the words of the page.
    """

    summary: str
    formula: str
    options: list[Option]
    needs: dict[str, str]
    gives: dict[str, str]
    parts: dict[str, str]
    example: str
    headings: Headings = HEADINGS


def page_of(entry: Entry, registry: Registry, language: str) -> Page:
    """The page of a component. Those of plugins are in the language of their docstrings."""
    text, component = documentation(entry.component), entry.component
    told, headings = values_of(registry), HEADINGS
    options = list(options_of(component))
    summary, formula, parts = text.summary, text.formula, text.parts
    if language == CHINESE:
        headings, chinese = CHINESE_HEADINGS, _chinese()
        told = {**told, **chinese["values"]}
        found = chinese["components"].get(f"{entry.kind}/{entry.name}")
        if found is not None and found["english"] == text.summary:
            summary, formula, parts = found["summary"], found["formula"], found["parts"]
            options = [_translated(option, found["options"]) for option in options]
    needs, gives = (
        {name: told.get(name, headings.unknown) for name in sorted(names)}
        for names in (component.needs, component.gives)
    )
    return Page(summary, formula, options, needs, gives, parts, text.example, headings)


def summary_of(entry: Entry, language: str) -> str:
    """The summary of a component. Those of plugins are in the language of their docstrings."""
    english = documentation(entry.component).summary
    found = _chinese()["components"] if language == CHINESE else {}
    translated: dict[str, str] = found.get(f"{entry.kind}/{entry.name}", {})
    return translated["summary"] if translated.get("english") == english else english


def _translated(option: Option, found: Mapping[str, list[str]]) -> Option:
    kind, text = found[option.name]
    return replace(option, type=kind, text=text)


@cache
def _chinese() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((files("nlpx.specs") / FILE).read_text(encoding="utf-8"))
    return found
