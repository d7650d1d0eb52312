"""Find the section or component at a path of a config."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from nlpx.config.merge import component_type
from nlpx.config.nodes import MappingNode, Node, Path, SequenceNode, child
from nlpx.core.component import Registry, Section, UnknownComponent
from nlpx.specs.annotations import item_of, keys_of, kind_of, section_of


def section_at(experiment: type[Section], tree: Node, path: Path, registry: Registry) -> type[Section] | None:
    """The class of the section at a path; None for plain values and unknown components."""
    annotation: object = experiment
    node: Node | None = tree
    for key in path:
        section = _section(annotation, node, registry)
        if section is None and (item := item_of(annotation)) is not None:
            annotation = item
        elif section is None or isinstance(key, int) or (annotation := keys_of(section).get(key)) is None:
            return None
        node = None if node is None else child(node, key)
    return _section(annotation, node, registry)


def places_of_keys(experiment: type[Section], tree: MappingNode, registry: Registry) -> dict[str, list[str]]:
    """Key -> paths of the sections of a config that have it."""
    places: defaultdict[str, list[str]] = defaultdict(list)
    for path, section in _sections(experiment, tree, registry, ""):
        for key in keys_of(section) if path else ():
            places[key].append(path)
    return dict(places)


def _section(annotation: object, node: Node | None, registry: Registry) -> type[Section] | None:
    kind = kind_of(annotation)
    if kind is None:
        return section_of(annotation, node.entries if isinstance(node, MappingNode) else ())
    name = None if node is None else component_type(node)
    try:
        return None if name is None else registry.find(kind, name).component
    except UnknownComponent:
        return None


def _sections(
    section: type[Section], node: Node | None, registry: Registry, path: str
) -> Iterator[tuple[str, type[Section]]]:
    yield path, section
    for name, field in section.model_fields.items():
        key, annotation = field.alias or name, field.annotation
        value = None if node is None else child(node, key)
        here = f"{path}.{key}" if path else key
        below = _section(annotation, value, registry)
        if below is None and value is None and isinstance(field.default, Section):
            below = type(field.default)
        if below is not None:
            yield from _sections(below, value, registry, here)
        elif isinstance(value, SequenceNode):
            for index, item in enumerate(value.items):
                found = _section(item_of(annotation), item, registry)
                if found is not None:
                    yield from _sections(found, item, registry, f"{here}.{index}")
