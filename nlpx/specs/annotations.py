"""Inspect the type annotations of sections and components."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from inspect import isclass
from types import UnionType
from typing import Annotated, Union, get_args, get_origin

from nlpx.core.component import Component, Section
from nlpx.specs.experiment import Experiment


def keys_of(section: type[Section]) -> dict[str, object]:
    """The keys of a section as written in a config, with the types of their values."""
    return {field.alias or name: field.annotation for name, field in section.model_fields.items()}


def members(annotation: object) -> Iterator[object]:
    """The allowed types of a value: the members of a union without constraints."""
    origin = get_origin(annotation)
    if origin is Annotated:
        yield from members(get_args(annotation)[0])
    elif origin in (Union, UnionType):
        for member in get_args(annotation):
            yield from members(member)
    else:
        yield annotation


def item_of(annotation: object) -> object:
    """The type of the items of a list, or of the values of a mapping with any keys; None for other values."""
    return next(
        (get_args(member)[-1] for member in members(annotation) if get_origin(member) in (list, dict)), None
    )


def section_of(annotation: object, written: Collection[str] = ()) -> type[Section] | None:
    """The section class of a value; None for components, whose class depends on their `type`.

    Args:
        written: the keys of the value; of several classes, that with most of them is selected.
    """
    sections = [
        member
        for member in members(annotation)
        if isclass(member) and issubclass(member, Section) and kind_of(member) is None
    ]
    return max(sections, key=lambda section: len(keys_of(section).keys() & set(written)), default=None)


def kind_of(annotation: object) -> str | None:
    """The component kind of a value."""
    for member in members(annotation):
        if isclass(member) and issubclass(member, Component) and not issubclass(member, Experiment):
            return member.kind
    return None
