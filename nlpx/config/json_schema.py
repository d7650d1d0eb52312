"""The JSON Schema of config files, for editors and other programs.

The schema describes individual keys: names, types and ranges, but not whether components fit together.
A file that extends another one need not be complete, so every definition has a second form, `NAME.partial`,
without required keys.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

from pydantic.json_schema import models_json_schema

from nlpx.config.format import FORMAT
from nlpx.core.component import COMPONENT_KIND, Component, Entry, Registry, Section
from nlpx.specs.annotations import item_of, keys_of, section_of
from nlpx.specs.document import documentation
from nlpx.specs.experiment import Experiment

Schema: TypeAlias = dict[str, Any]

DIALECT = "https://json-schema.org/draft/2020-12/schema"
REFERENCE = "#/$defs/"
PARTIAL = ".partial"
INTERPOLATION = "interpolation"


def json_schema(registry: Registry) -> Schema:
    """A JSON Schema (draft 2020-12) for config files with the given components."""
    components = list(registry)
    references, generated = models_json_schema(
        [(component.component, "validation") for component in components],
        by_alias=True,
        ref_template=REFERENCE + "{model}",
    )
    names = {
        component.component: str(references[component.component, "validation"]["$ref"]).removeprefix(
            REFERENCE
        )
        for component in components
    }
    described = {**_sections_by_name(components), **{name: spec for spec, name in names.items()}}
    definitions: Schema = {
        name: _section(schema, described.get(name)) for name, schema in generated["$defs"].items()
    }
    for component in components:
        definition = definitions[names[component.component]]
        definition["required"] = [*definition.get("required", []), _name_key(component)]
        definition["properties"][_name_key(component)] = {"enum": _names(component)}
    for kind in registry.kinds:
        if kind != "task":
            definitions[kind] = _choice(kind, [c for c in components if c.kind == kind], names)
    for task in components:
        if issubclass(task.component, Experiment):
            fitting = dict(_fitting(task.component, components, registry, names))
            definitions |= fitting
            definition = definitions[names[task.component]]
            definition["properties"] = _referring(definition["properties"], frozenset(fitting), task.name)
            for old, new in task.component.renamed.items():
                _add_old_key(definitions, definition, old.split("."), new)
    definitions[INTERPOLATION] = {
        "type": "string",
        "pattern": r"\$\{",
        "description": "${vars.NAME} or ${env:NAME}",
    }
    tasks = {
        name: names[component.component]
        for component in components
        if component.kind == "task"
        for name in _names(component)
    }
    return {
        "$schema": DIALECT,
        "title": "nlpx config",
        "description": "An experiment of nlpx: one task, its data, model and training.",
        "type": "object",
        "properties": _file_keys(tasks),
        "if": {"required": ["extends"]},
        "then": _by_task(tasks, PARTIAL),
        "else": {"required": ["task"], **_by_task(tasks, "")},
        "$defs": {**definitions, **_partial(definitions)},
    }


def _file_keys(tasks: Mapping[str, str]) -> Schema:
    one_or_more: Schema = {
        "anyOf": [
            {"type": "string", "minLength": 1},
            {"type": "array", "items": {"type": "string", "minLength": 1}},
        ]
    }
    return {
        "task": {"enum": sorted(tasks), "description": "what is learned: the task"},
        "format": {
            "type": "integer",
            "minimum": 1,
            "maximum": FORMAT,
            "description": "version of the config",
        },
        "extends": {**one_or_more, "description": "config files that this one is laid over"},
        "include": {**one_or_more, "description": "plugin files"},
        "vars": {"type": "object", "description": "values for ${vars.NAME}"},
    }


def _by_task(tasks: Mapping[str, str], suffix: str) -> Schema:
    """The keys of a config, depending on its task."""
    cases = [
        {
            "if": {"properties": {"task": {"const": task}}, "required": ["task"]},
            "then": {"$ref": REFERENCE + name + suffix},
        }
        for task, name in tasks.items()
    ]
    without_task: Schema = {
        "if": {"not": {"required": ["task"]}},
        "then": {"anyOf": [{"$ref": REFERENCE + name + suffix} for name in tasks.values()]},
    }
    return {"allOf": [*cases, without_task] if suffix else cases}


def _choice(kind: str, components: list[Entry], names: Mapping[type[Component], str]) -> Schema:
    """A component of a kind: a name, or a mapping whose `type` determines the options."""
    bare = [
        name
        for c in components
        if not any(field.is_required() for field in c.component.model_fields.values())
        for name in _names(c)
    ]
    chosen = [
        {
            "if": {"properties": {"type": {"enum": _names(component)}}, "required": ["type"]},
            "then": {"$ref": REFERENCE + names[component.component]},
        }
        for component in components
    ]
    options: Schema = {
        "type": "object",
        "properties": {
            "type": {
                "anyOf": [
                    {"enum": [name for component in components for name in _names(component)]},
                    {"$ref": REFERENCE + INTERPOLATION},
                ]
            }
        },
        "required": ["type"],
        "allOf": chosen,
    }
    return {
        "description": f"one {kind}: its name, or a mapping with its `type` and options",
        "anyOf": [{"enum": sorted(bare)}, {"$ref": REFERENCE + INTERPOLATION}, options],
    }


def _fitting(
    task: type[Experiment], components: list[Entry], registry: Registry, names: Mapping[type[Component], str]
) -> Iterator[tuple[str, Schema]]:
    """Choices that depend on the task: components that need values which the task gives."""
    given = task.could_give(registry)
    for kind in sorted({c.kind for c in components if c.component.needs}):
        fitting = [c for c in components if c.kind == kind and c.component.needs <= given]
        if fitting:
            yield f"{kind}.{task.type_name()}", _choice(kind, fitting, names)


def _add_old_key(definitions: Schema, section: Schema, old: list[str], new: str) -> None:
    """Let the section accept a key under its old name, marked as deprecated; `check` checks the value."""
    properties = section["properties"]
    for name in old[:-1]:
        reference = properties[name]["anyOf"][0]["$ref"]
        properties = definitions[reference.removeprefix(REFERENCE)]["properties"]
    properties[old[-1]] = {"deprecated": True, "description": f"renamed to `{new}`"}


def _referring(value: object, definitions: frozenset[str], task: str) -> object:
    """A schema whose references to kinds are replaced by the choices of a task, if there are any."""
    if isinstance(value, list):
        return [_referring(item, definitions, task) for item in value]
    if not isinstance(value, dict):
        return value
    result = {key: _referring(item, definitions, task) for key, item in value.items()}
    if (
        isinstance(result.get("$ref"), str)
        and f"{result['$ref']}.{task}".removeprefix(REFERENCE) in definitions
    ):
        result["$ref"] = f"{result['$ref']}.{task}"
    return result


def _section(schema: Schema, section: type[Section] | None) -> Schema:
    """A definition generated by pydantic, with references to kinds, interpolation and descriptions added."""
    texts = {} if section is None else documentation(section).options
    result = _rewritten(schema)
    properties = result.get("properties", {})
    for name, text in texts.items():
        if name in properties:
            properties[name] = {**properties[name], "description": text}
    if "task" in properties:
        properties |= {"format": True, "extends": True, "include": True, "vars": True}
    if section is not None:
        result["description"] = documentation(section).summary
    return result


def _rewritten(schema: Schema) -> Schema:
    """A schema without titles that also accepts interpolations as values."""
    result: Schema = {key: value for key, value in schema.items() if key != "title"}
    if "properties" in result:
        values = result["properties"]
        result["properties"] = {name: _value(value) for name, value in values.items()}
    for key in ("items", "additionalProperties"):
        if isinstance(result.get(key), dict):
            result[key] = _value(result[key])
    return result


def _value(schema: Schema) -> Schema:
    """A value by its specification, or a reference to a variable."""
    kept: Schema = {
        key: schema[key] for key in ("default", "description") if key in schema and "$ref" not in schema
    }
    bare = {key: value for key, value in schema.items() if key not in ("title", "default", "description")}
    if COMPONENT_KIND in bare:
        return {**kept, **_alternative(bare)}
    if bare == {"type": "string"}:
        return {**kept, **bare}
    alternatives = [_alternative(item) for item in bare.get("anyOf", [bare])]
    return {**kept, "anyOf": [*alternatives, {"$ref": REFERENCE + INTERPOLATION}]}


def _alternative(schema: Schema) -> Schema:
    """One alternative for a value."""
    if COMPONENT_KIND in schema:
        return {"$ref": f"{REFERENCE}{schema[COMPONENT_KIND]}"}
    return _rewritten(schema)


def _partial(definitions: Schema) -> Schema:
    """Copies of all definitions under `NAME.partial` without `required`, which refer to one another."""
    return {name + PARTIAL: _relaxed(schema) for name, schema in definitions.items() if name != INTERPOLATION}


def _relaxed(value: object, inside_if: bool = False) -> object:
    if isinstance(value, list):
        return [_relaxed(item, inside_if) for item in value]
    if not isinstance(value, dict):
        return value
    result: Schema = {}
    for key, item in value.items():
        if key == "required" and isinstance(item, list) and not inside_if:
            continue
        if key == "$ref" and item != REFERENCE + INTERPOLATION:
            result[key] = str(item) + PARTIAL
        elif key == "default":
            result[key] = item
        else:
            result[key] = _relaxed(item, inside_if or key == "if")
    return result


def _sections_by_name(components: list[Entry]) -> dict[str, type[Section]]:
    """The sections in components by the names that pydantic uses: that of the class, with its module if
    several classes have the same name.
    """
    found: dict[str, type[Section]] = {}
    for component in components:
        for section in _sections(component.component):
            found.setdefault(section.__name__, section)
            found[f"{section.__module__}.{section.__qualname__}".replace(".", "__")] = section
    return found


def _sections(section: type[Section]) -> Iterator[type[Section]]:
    for annotation in keys_of(section).values():
        below = section_of(annotation) or section_of(item_of(annotation))
        if below is not None:
            yield below
            yield from _sections(below)


def _names(component: Entry) -> list[str]:
    """The names of a component in configs."""
    return [component.name, *component.component.aliases]


def _name_key(component: Entry) -> str:
    return "task" if component.kind == "task" else "type"
