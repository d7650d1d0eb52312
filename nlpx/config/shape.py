"""Which section or component stands at a path of a config: what its spec says about the keys there."""

from __future__ import annotations

from collections.abc import Iterator
from inspect import isclass
from types import UnionType
from typing import Annotated, Union, get_args, get_origin

from nlpx.config.merge import component_type
from nlpx.config.nodes import MappingNode, Node, Path, SequenceNode, child
from nlpx.registry import Registry, UnknownComponent
from nlpx.specs.base import Section, Spec
from nlpx.specs.experiment import Experiment


def section_at(experiment: type[Section], tree: Node, path: Path, registry: Registry) -> type[Section] | None:
    """The class that the value at a path is an object of; None where it is a plain value or names no component."""
    annotation: object = experiment
    node: Node | None = tree
    for key in path:
        section = _section(annotation, node, registry)
        if isinstance(key, int):
            annotation = _item(annotation)
        elif section is None or (annotation := keys_of(section).get(key)) is None:
            return None
        node = None if node is None else child(node, key)
    return _section(annotation, node, registry)


def keys_of(section: type[Section]) -> dict[str, object]:
    """The keys a section understands, as a file writes them, with the types of their values."""
    return {field.alias or name: field.annotation for name, field in section.model_fields.items()}


def places_of(key: str, experiment: type[Section], tree: MappingNode, registry: Registry) -> list[str]:
    """The sections of a config, by path, that understand a key."""
    return [
        path
        for path, section in _sections(experiment, tree, registry, "")
        if path and key in keys_of(section)
    ]


def members(annotation: object) -> Iterator[object]:
    """The types a value may have: a union's members, without annotations."""
    origin = get_origin(annotation)
    if origin is Annotated:
        yield from members(get_args(annotation)[0])
    elif origin in (Union, UnionType):
        for member in get_args(annotation):
            yield from members(member)
    else:
        yield annotation


def _section(annotation: object, node: Node | None, registry: Registry) -> type[Section] | None:
    for member in members(annotation):
        if not isclass(member) or not issubclass(member, Section):
            continue
        if not issubclass(member, Spec) or issubclass(member, Experiment):
            return member
        name = None if node is None else component_type(node)
        try:
            return None if name is None else registry.find(member.kind, name).spec
        except UnknownComponent:
            return None
    return None


def _item(annotation: object) -> object:
    for member in members(annotation):
        if get_origin(member) is list:
            return get_args(member)[0]
    return None


def _sections(
    section: type[Section], node: Node | None, registry: Registry, path: str
) -> Iterator[tuple[str, type[Section]]]:
    yield path, section
    for key, annotation in keys_of(section).items():
        value = None if node is None else child(node, key)
        here = f"{path}.{key}" if path else key
        below = _section(annotation, value, registry)
        if below is not None:
            yield from _sections(below, value, registry, here)
        elif isinstance(value, SequenceNode):
            for index, item in enumerate(value.items):
                found = _section(_item(annotation), item, registry)
                if found is not None:
                    yield from _sections(found, item, registry, f"{here}.{index}")
