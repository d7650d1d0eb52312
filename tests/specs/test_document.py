"""The docstrings of specs are documentation that a program can read."""

from __future__ import annotations

import inspect

import pytest

from nlpx.core.component import Entry, Section, builtin_registry
from nlpx.specs.annotations import item_of, keys_of, section_of
from nlpx.specs.document import PARTS, documentation, own_options

COMPONENTS = list(builtin_registry())


def name(component: Entry) -> str:
    return f"{component.kind}/{component.name}"


def sections(section: type[Section]) -> set[type[Section]]:
    """The sections below a spec."""
    below = {section_of(a) or section_of(item_of(a)) for a in keys_of(section).values()}
    found = {item for item in below if item is not None}
    return found.union(*map(sections, found))


SECTIONS = sorted(
    set().union(*(sections(component.component) for component in COMPONENTS)),
    key=lambda section: section.__name__,
)


class Sample(Section):
    """What it is, told
    in two lines.

    y = x;
    z = 2 x

    Options:
        first: a text that goes on
            in the next line: with a colon.
        second: another.
    Shapes: (B, T)
        -> (B,).
    Example:
        a:
          - {b: 1}
    """

    first: int = 1
    second: int = 2
    third: int = 3


def test_parts() -> None:
    found = documentation(Sample)
    assert found.summary == "What it is, told in two lines."
    assert found.formula == "y = x;\nz = 2 x"
    assert found.options == {
        "first": "a text that goes on in the next line: with a colon.",
        "second": "another.",
    }
    assert found.parts == {"Shapes": "(B, T) -> (B,)."}
    assert found.example == "a:\n  - {b: 1}"


def test_options_of_a_base_are_documented_there() -> None:
    class Derived(Sample):
        """Another default.

        Options:
            third: its own.
        """

        first: int = 5
        third: int = 3

    assert list(documentation(Derived).options) == ["third", "first", "second"]
    assert own_options(Derived) == ["third"]


def test_every_component_is_documented(subtests: pytest.Subtests) -> None:
    """Every part is there, in order; and every option."""
    for component in COMPONENTS:
        with subtests.test(name(component)):
            lines = inspect.cleandoc(component.component.__doc__ or "").splitlines()
            found = [line.partition(":")[0] for line in lines if line.partition(":")[0] in PARTS]
            assert found == list(PARTS)
            documented = documentation(component.component)
            assert documented.summary.endswith(".") or "=" in documented.summary or ":" in documented.summary
            assert all(documented.parts.values())
            assert set(documented.options) == set(component.component.model_fields) - {"type"}
            assert set(own_options(component.component)) <= set(component.component.model_fields)
            assert all(documented.options.values())


def test_every_section_is_documented(subtests: pytest.Subtests) -> None:
    for section in SECTIONS:
        with subtests.test(section.__name__):
            assert documentation(section).summary
            assert set(documentation(section).options) == set(section.model_fields)
            assert set(own_options(section)) <= set(section.model_fields)
