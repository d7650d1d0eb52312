"""Parse lines with JSON objects; invalid lines have no other effect than being bad rows."""

from __future__ import annotations

import json
from collections.abc import Mapping

LONGEST_SHOWN = 40
NO_OBJECT = "no JSON object"

Fields = Mapping[str, object]


def read_object(line: str) -> Fields | str:
    """The fields of a JSON object, or the reason why the line is invalid."""
    try:
        fields = json.loads(line)
    except json.JSONDecodeError as error:
        return f"not JSON: {error.msg.removesuffix(' at')} at character {error.pos + 1}"
    except RecursionError:
        return "no JSON that can be read: it is nested too deeply"
    except ValueError:  # an integer of thousands of digits
        return "no JSON that can be read: a number has too many digits"
    return fields if isinstance(fields, dict) else NO_OBJECT


def shown(value: object) -> str:
    """A value for a message, truncated and without characters that UTF-8 cannot encode."""
    if isinstance(value, dict | list):
        return "a list" if isinstance(value, list) else "an object"
    ascii_only = isinstance(value, str) and not value.isprintable()
    text = json.dumps(value, ensure_ascii=ascii_only)
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}..."


def plain_text(value: object) -> str | None:
    """A string or number as a string; None for other values."""
    return str(value) if isinstance(value, str | int | float) else None


def has_half_characters(text: str) -> bool:
    r"""Whether a text contains lone surrogates, for example from the escape "\ud800"."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False
