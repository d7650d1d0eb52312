"""Every component has a test that names it, besides those over the whole registry."""

from __future__ import annotations

import re
from pathlib import Path

from nlpx.core.component import Entry, Split, builtin_registry, layer_file

TESTS = Path(__file__).resolve().parents[1]
OF_ALL = re.compile(r"test_(every_\w+|named|list|describe|schema|registry)\.py")
"""Tests that take components from the registry, or that compare nothing."""


def classes_of(entry: Entry) -> set[str]:
    """Its class, and its layer."""
    found = {entry.component.__name__}
    if issubclass(entry.component, Split):
        layer = layer_file(entry.component)
        found |= set(re.findall(r"(?m)^class (\w+)", layer.read_text("utf-8") if layer.is_file() else ""))
    return found


def test_every_component_is_tested_by_itself() -> None:
    """Its test compares it with something independent: brute force, a closed form, or another library."""
    files = [path for path in TESTS.rglob("*.py") if not OF_ALL.fullmatch(path.name)]
    text = "\n".join(path.read_text("utf-8") for path in files)
    words = set(re.findall(r"\w+", text))
    # In a config, as an option or as a mapping of its type, or in the arguments of a test.
    configured = set(re.findall(r"(\w+)(?:: |=|/|\": \"|\", \"|=\")(\w+)", text))
    found = [
        f"{entry.kind}/{entry.name}"
        for entry in builtin_registry()
        if not classes_of(entry) & words
        and not configured & {(entry.kind, entry.name), ("type", entry.name), (f"{entry.kind}s", entry.name)}
    ]
    assert not found, f"no test names {', '.join(found)}. Add one, see CONTRIBUTING.md."
