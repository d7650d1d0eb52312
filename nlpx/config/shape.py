"""Which keys are allowed where: the fields of sections and components, found along a path."""

from __future__ import annotations

import types
from typing import Annotated, Union, get_args, get_origin

from pydantic import BaseModel

from nlpx.config.nodes import Node
from nlpx.registry import Registry, UnknownComponent
from nlpx.specs.base import ComponentOf


def fields_at(
    model: type[BaseModel], tree: Node, path: tuple[str | int, ...], registry: Registry
) -> list[str]:
    """Names of the keys of the mapping at a path; [] where that is no section and no component."""
    current: type[BaseModel] | None = model
    node = tree
    position = 0
    while position < len(path) and current is not None:
        name = str(path[position])
        field = {info.alias or key: info for key, info in current.model_fields.items()}.get(name)
        if field is None:
            return []
        position += 1
        node = tree.at(path[:position])
        kinds = [mark.kind for mark in field.metadata if isinstance(mark, ComponentOf)]
        annotation: object = field.annotation
        if get_origin(annotation) is list or any(get_origin(a) is list for a in _branches(annotation)):
            inner = next(a for a in [annotation, *_branches(annotation)] if get_origin(a) is list)
            annotation = get_args(inner)[0]
            if position < len(path):
                position += 1
                node = tree.at(path[:position])
            if get_origin(annotation) is Annotated:
                kinds = [mark.kind for mark in get_args(annotation)[1:] if isinstance(mark, ComponentOf)]
        current = _component(kinds[0], node, registry) if kinds else _section(annotation)
    return [] if current is None else [info.alias or key for key, info in current.model_fields.items()]


def _component(kind: str, node: Node, registry: Registry) -> type[BaseModel] | None:
    chosen = node.value.get("type") if isinstance(node.value, dict) else None
    if chosen is None or not isinstance(chosen.value, str):
        return None
    try:
        return registry.find(kind, chosen.value).spec
    except UnknownComponent:
        return None


def _section(annotation: object) -> type[BaseModel] | None:
    for branch in _branches(annotation):
        if isinstance(branch, type) and issubclass(branch, BaseModel):
            return branch
    return None


def _branches(annotation: object) -> list[object]:
    if get_origin(annotation) in (Union, types.UnionType):
        return list(get_args(annotation))
    return [annotation]
