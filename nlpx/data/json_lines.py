"""Lines that hold a JSON object, read so that no line can do more than be wrong."""

from __future__ import annotations

import json
from collections.abc import Mapping

LONGEST_SHOWN = 40
NO_OBJECT = "no JSON object"

Fields = Mapping[str, object]


def read_object(line: str) -> Fields | str:
    """The fields of a JSON object; or what is wrong with the line."""
    try:
        fields = json.loads(line)
    except json.JSONDecodeError as error:
        return f"no JSON: {error.msg} at character {error.pos + 1}"
    except RecursionError:
        return "no JSON that can be read: it is nested too deeply"
    except ValueError:  # an integer of thousands of digits
        return "no JSON that can be read: a number has too many digits"
    return fields if isinstance(fields, dict) else NO_OBJECT


def shown(value: object) -> str:
    """A value for a message: short, and of the characters that UTF-8 can hold."""
    if isinstance(value, dict | list):
        return "a list" if isinstance(value, list) else "an object"
    ascii_only = isinstance(value, str) and not value.isprintable()
    text = json.dumps(value, ensure_ascii=ascii_only)
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}..."


def plain_text(value: object) -> str | None:
    """A text or number as text; None for what is neither."""
    return str(value) if isinstance(value, str | int | float) else None


def has_half_characters(text: str) -> bool:
    r"""Whether a text holds halves of surrogate pairs, as the escape "\ud800" makes them: no UTF-8 can."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False
