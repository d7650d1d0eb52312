"""From a tree to an experiment; what pydantic finds is said in words, at the place in the file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from nlpx.config.nodes import Node, dotted
from nlpx.config.problems import Mark, Problem, nearest
from nlpx.registry import Registry, UnknownComponent
from nlpx.specs.base import Spec
from nlpx.specs.experiment import Experiment

Path_ = tuple[str | int, ...]
FILE_KEYS = ("include", "extends", "vars")
"""Keys of a file that are not part of the experiment."""
TYPES = {
    "int_type": "an integer",
    "float_type": "a number",
    "bool_type": "true or false",
    "string_type": "a text",
    "list_type": "a list",
    "dict_type": "a mapping",
    "model_type": "a mapping",
    "model_attributes_type": "a mapping",
    "none_required": "nothing",
    "int_from_float": "an integer",
}


def validate(tree: Node, registry: Registry, problems: list[Problem]) -> Experiment | None:
    """The experiment of a tree; None, with all problems noted, where it is wrong."""
    plain = tree.plain()
    assert isinstance(plain, dict)
    task = plain.get("task")
    if not isinstance(task, str):
        known = ", ".join(registry.names("task"))
        place = tree.at(("task",)).mark
        problems.append(
            Problem("C11", place, "task", "the task is missing", expected=f"task: one of {known}")
        )
        return None
    try:
        spec = registry.find("task", task).spec
    except UnknownComponent as error:
        problems.append(_unknown(tree.at(("task",)).mark, "task", "task", task, error.known))
        return None
    try:
        experiment = spec.model_validate(plain, context=registry)
    except ValidationError as error:
        found = error.errors(include_url=False)
        problems.extend(_problem(tree, details, spec, registry) for details in found)
        return None
    assert isinstance(experiment, Experiment)
    return experiment


def _problem(tree: Node, details: ErrorDetails, spec: type[Spec], registry: Registry) -> Problem:
    kind, context = details["type"], details.get("ctx", {})
    path = _real_path(tree, details["loc"])
    mark, name = place_of(tree, path), dotted(path)
    got = _shown(details["input"])
    match kind:
        case "extra_forbidden":
            known = _known_keys(spec, tree, path[:-1], registry)
            key = str(path[-1])
            return Problem(
                "C10", mark, name, "there is no such key", expected=_some(known), hint=nearest(key, known)
            )
        case "missing":
            return Problem("C11", mark, name, "this key is missing")
        case "literal_error":
            choices = str(context["expected"]).replace("'", "")
            names = choices.replace(" or ", ", ").split(", ")
            hint = nearest(str(details["input"]), names)
            return Problem("C14", mark, name, "not one of the choices", got, choices, hint)
        case "unknown_component":
            known = str(context["known"]).split(", ")
            return _unknown(mark, name, str(context["kind"]), str(context["name"]), known)
        case "component" | "component_type":
            known = ", ".join(registry.names(str(context["kind"])))
            return Problem("C12", mark, name, details["msg"], got, f"one of {known}")
    if kind in TYPES:
        return Problem("C12", mark, name, "wrong type", got, TYPES[kind])
    limits = {
        "greater_than_equal": "at least {ge}",
        "greater_than": "more than {gt}",
        "less_than": "less than {lt}",
    }
    limits |= {"less_than_equal": "at most {le}", "too_short": "at least {min_length} items"}
    limits |= {"too_long": "at most {max_length} items", "finite_number": "a finite number"}
    limits |= {
        "string_too_short": "at least {min_length} characters",
        "string_pattern_mismatch": "a text like {pattern}",
    }
    if kind in limits:
        return Problem("C13", mark, name, "out of range", got, limits[kind].format(**context))
    return Problem("C13", mark, name, details["msg"], got)


def place_of(tree: Node, path: Path_) -> Mark:
    """Where a key stands: the key for what is unknown, the value otherwise, the section for what is missing."""
    parent = tree.at(path[:-1])
    if isinstance(parent.value, dict) and path and path[-1] in parent.value:
        value = parent.value[str(path[-1])]
        return (
            parent.keys.get(str(path[-1]), value.mark) if isinstance(value.value, dict | list) else value.mark
        )
    return tree.at(path).mark


def _real_path(tree: Node, location: Path_) -> Path_:
    """The location without what pydantic adds for the branches of a union."""
    path: Path_ = ()
    for step in location:
        node = tree.at(path)
        inside = isinstance(node.value, dict) and step in node.value
        inside |= isinstance(node.value, list) and isinstance(step, int)
        looks_like_key = isinstance(step, str) and step.isidentifier() and isinstance(node.value, dict)
        if inside or looks_like_key:
            path = (*path, step)
    return path


def _known_keys(spec: type[Spec], tree: Node, path: Path_, registry: Registry) -> list[str]:
    """The keys that are allowed in the mapping at a path."""
    from nlpx.config.shape import fields_at

    known = fields_at(spec, tree, path, registry)
    return [*known, *FILE_KEYS] if not path else known


def _unknown(mark: Mark, path: str, kind: str, name: str, known: list[str]) -> Problem:
    message = f"there is no {kind} called {name!r}"
    return Problem(
        "C15", mark, path, message, expected=f"one of {', '.join(sorted(known))}", hint=nearest(name, known)
    )


def _some(names: list[str]) -> str:
    return f"one of {', '.join(names)}" if names else ""


def _shown(value: object) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Mapping):
        return "a mapping"
    if isinstance(value, list | tuple):
        return "a list"
    text = repr(value) if isinstance(value, str) else str(value)
    kind = {str: "text", int: "integer", float: "number"}.get(type(value), type(value).__name__)
    return f"the {kind} {text if len(text) <= 60 else text[:57] + '...'}"


def resolved_path(text: str, mark: Mark) -> str:
    """A path as an absolute one, relative to the folder of the place that says it."""
    return str((Path(mark.folder) / Path(text).expanduser()).resolve())
