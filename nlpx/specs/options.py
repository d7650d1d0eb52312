"""Describe the options of a component: type, range, default."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from inspect import isclass
from types import NoneType, UnionType
from typing import Annotated, Literal, Union, get_args, get_origin

import annotated_types
from pydantic.fields import FieldInfo

from nlpx.components.varying import Scheduled
from nlpx.core.component import Component, Section
from nlpx.specs.annotations import item_of, section_of
from nlpx.specs.document import documentation

TYPES: dict[object, str] = {
    str: "string",
    int: "integer",
    float: "number",
    bool: "true or false",
    NoneType: "null",
}


@dataclass(frozen=True)
class Option:
    """One key of a component or a section.

    Attributes:
        name: name of the option, dotted if it is in a section.
        type: allowed types, in words.
        default: default value as YAML; empty if there is none.
        text: its documentation.
    """

    name: str
    type: str
    default: str
    text: str


def options_of(section: type[Section], prefix: str = "") -> Iterator[Option]:
    """The options of a component or section, followed by those of its sections with dotted names."""
    texts = documentation(section).options
    for name in dict.fromkeys([*texts, *section.model_fields]):
        if name == "type" and issubclass(section, Component):
            continue
        field = section.model_fields[name]
        annotation = field.rebuild_annotation()
        has_default = not field.is_required()
        below = section_of(annotation) or section_of(item_of(annotation))
        default = (
            "" if not has_default or (isinstance(field.default, Section) and below) else flow(field.default)
        )
        yield Option(prefix + name, type_text(annotation), default, texts.get(name, ""))
        if below is not None and not issubclass(below, Scheduled):
            yield from options_of(below, f"{prefix}{name}.")


def type_text(annotation: object) -> str:
    """`integer >= 1`, `highway or residual_glu`, `list of encoder`."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        limits = " and ".join(_limits(arguments[1:]))
        return type_text(arguments[0]) + (f" {limits}" if limits else "")
    if origin in (Union, UnionType):
        return " or ".join(map(type_text, arguments))
    if origin is Literal:
        return " or ".join(map(str, arguments))
    if origin is list:
        return f"list of {type_text(arguments[0])}"
    if origin is dict:
        return f"mapping to {type_text(arguments[1])}"
    if isclass(annotation) and issubclass(annotation, Component):
        return annotation.kind
    if isclass(annotation) and issubclass(annotation, Scheduled):
        return "{value, schedule}"
    if isclass(annotation) and issubclass(annotation, Section):
        return "mapping"
    return TYPES.get(annotation, str(annotation))


def flow(value: object) -> str:
    """A default as one line of YAML; a component with default options is written as its name."""
    if isinstance(value, Section):
        changed = {
            name: getattr(value, name)
            for name, field in type(value).model_fields.items()
            if name != "type" and getattr(value, name) != field.default
        }
        head = [f"type: {value.type}"] if isinstance(value, Component) else []
        if isinstance(value, Component) and not changed:
            return value.type
        return "{" + ", ".join([*head, *(f"{name}: {flow(item)}" for name, item in changed.items())]) + "}"
    if isinstance(value, list):
        return f"[{', '.join(map(flow, value))}]"
    if value is None:
        return "null"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _limits(metadata: Iterable[object]) -> Iterator[str]:
    for item in metadata:
        if isinstance(item, FieldInfo):
            yield from _limits(item.metadata)
        elif isinstance(item, annotated_types.Ge):
            yield f">= {item.ge}"
        elif isinstance(item, annotated_types.Gt):
            yield f"> {item.gt}"
        elif isinstance(item, annotated_types.Le):
            yield f"<= {item.le}"
        elif isinstance(item, annotated_types.Lt):
            yield f"< {item.lt}"
        elif isinstance(item, annotated_types.MinLen) and item.min_length > 1:
            yield f"({item.min_length} items or more)"
        elif getattr(item, "pattern", None):
            yield f"like {getattr(item, 'pattern', '')}"
