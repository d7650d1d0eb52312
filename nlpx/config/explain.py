"""Explain pydantic errors in plain words."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import TypedDict

from nlpx.config.nodes import MappingNode, Node, ScalarNode, SequenceNode
from nlpx.config.scalars import resolve
from nlpx.core.suggest import did_you_mean, nearest_first, one_of

SHOWN_TEXT = 40

WANTED = {
    "string_type": "a string",
    "int_type": "an integer",
    "int_from_float": "an integer",
    "float_type": "a number",
    "bool_type": "true or false",
    "list_type": "a list",
    "dict_type": "a mapping",
    "model_type": "a mapping",
    "model_attributes_type": "a mapping",
    "none_required": "null",
}
"""Expected type of a value by pydantic error type."""

BOUNDS = {
    "greater_than": ("gt", "more than"),
    "greater_than_equal": ("ge", "at least"),
    "less_than": ("lt", "less than"),
    "less_than_equal": ("le", "at most"),
    "multiple_of": ("multiple_of", "a multiple of"),
}

LENGTHS = {
    "too_short": ("C107", "a list of the wrong length", "at least", "min_length", "item"),
    "too_long": ("C107", "a list of the wrong length", "at most", "max_length", "item"),
    "string_too_short": ("C108", "a string of the wrong length", "at least", "min_length", "character"),
    "string_too_long": ("C108", "a string of the wrong length", "at most", "max_length", "character"),
}


class Error(TypedDict):
    """The part of pydantic's ErrorDetails that is used here."""

    type: str
    loc: tuple[int | str, ...]
    msg: str
    ctx: Mapping[str, object]


class Explanation(TypedDict):
    """The text of a problem."""

    code: str
    what: str
    got: str
    expected: str
    advice: str


def explain_errors(errors: Sequence[Error], node: Node) -> Explanation:
    """Explain the errors of one value; several errors belong to the alternatives of a union."""
    got = describe(node)
    if all(error["type"] in WANTED or error["type"] == "literal_error" for error in errors):
        return _wrong_type(errors, node, got)
    error = next(error for error in errors if error["type"] not in WANTED)
    kind, context = error["type"], error["ctx"]
    if kind in BOUNDS:
        key, words = BOUNDS[kind]
        return _explanation("C105", "out of range", got, f"{words} {_number(context[key])}")
    if kind == "finite_number":
        return _explanation("C105", "out of range", got, "a finite number")
    if kind in LENGTHS:
        code, what, limit, key, unit = LENGTHS[kind]
        return _explanation(
            code, what, got, f"{limit} {context[key]} {unit}{'' if context[key] == 1 else 's'}"
        )
    if kind == "string_pattern_mismatch":
        return _explanation(
            "C108", "a string of the wrong form", got, f"a string that matches {context['pattern']}"
        )
    if kind == "unknown_component":
        name = str(context["name"])
        known = nearest_first(name, str(context["known"]).split(", "))
        return _explanation(
            "C106",
            f"there is no {context['kind']} called {name}",
            "",
            one_of(known),
            did_you_mean(name, known),
        )
    if kind == "component":
        return _explanation(
            "C103", "wrong type", got, f"the name of {_a(str(context['kind']))}, or a mapping with its `type`"
        )
    return _explanation("C109", _sentence(error["msg"]), got)


def describe(node: Node) -> str:
    """Describe a received value in YAML terms."""
    if isinstance(node, MappingNode):
        return "a mapping"
    if isinstance(node, SequenceNode):
        count = len(node.items)
        return f"a list of {count} item{'' if count == 1 else 's'}" if count else "an empty list"
    value = node.value
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        shown = value if len(value) <= SHOWN_TEXT else value[:SHOWN_TEXT] + "…"
        return f'the string "{"".join(char if char.isprintable() else "·" for char in shown)}"'
    shown = node.text if len(node.text) <= SHOWN_TEXT else node.text[:SHOWN_TEXT] + "…"
    return f"the {'integer' if isinstance(value, int) else 'number'} {shown}"


def _wrong_type(errors: Sequence[Error], node: Node, got: str) -> Explanation:
    choices = [choice for error in errors for choice in _choices(error)]
    wanted = list(dict.fromkeys(WANTED[error["type"]] for error in errors if error["type"] in WANTED))
    value = node.value if isinstance(node, ScalarNode) else None
    if choices and isinstance(value, str):
        advice = did_you_mean(value, choices) or (_type_advice(node, wanted) if wanted else "")
        return _explanation("C104", "a value that is not allowed", got, one_of([*choices, *wanted]), advice)
    return _explanation("C103", "wrong type", got, one_of([*choices, *wanted]), _type_advice(node, wanted))


def _type_advice(node: Node, wanted: Sequence[str]) -> str:
    if isinstance(node, (MappingNode, SequenceNode)):
        return ""
    value = node.value
    if value is None:
        return "remove the key to use its default" if wanted else ""
    if not isinstance(value, str):
        if "an integer" in wanted and isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
            return f"write {int(value)}"
        if "a list" in wanted:
            return f"write [{node.text}]"
        numeric = "an integer" in wanted or "a number" in wanted
        return f'write "{node.text}" in quotes' if "a string" in wanted and not numeric else ""
    if "a list" in wanted and value:
        return f"write [{value}]"
    if "true or false" in wanted:
        return {"yes": "write true", "on": "write true", "no": "write false", "off": "write false"}.get(
            value.lower(), "write true or false without quotes" if value.lower() in ("true", "false") else ""
        )
    if "an integer" in wanted or "a number" in wanted:
        half_width = unicodedata.normalize("NFKC", value).replace(",", "").replace("_", "")
        meant = resolve(half_width)
        if isinstance(meant, (int, float)) and not isinstance(meant, bool):
            return f"write {half_width}" + (" without quotes" if half_width == value else "")
    return ""


def _choices(error: Error) -> list[str]:
    if error["type"] != "literal_error":
        return []
    expected = str(error["ctx"]["expected"])
    return re.findall(r"'([^']*)'", expected) or [expected]


def _number(value: object) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _a(noun: str) -> str:
    return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"


def _sentence(message: str) -> str:
    return message.removeprefix("Value error, ").removeprefix("Assertion failed, ").rstrip(".")


def _explanation(code: str, what: str, got: str = "", expected: str = "", advice: str = "") -> Explanation:
    return {"code": code, "what": what, "got": got, "expected": expected, "advice": advice}
