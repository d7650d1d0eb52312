"""Parse JSON from untrusted files; all errors are reported as Unreadable."""

from __future__ import annotations

import json
from typing import TypeGuard, cast

from nlpx.core.files import Unreadable

LONGEST_NUMBER = 40
"""Maximum number of digits of an integer."""
DEEPEST = 100
"""Maximum nesting depth, so that values can be processed by recursion."""


def parse_json(content: bytes) -> object:
    """The value of a UTF-8 JSON text.

    Raises:
        Unreadable: it is not UTF-8, not JSON, nested too deeply, or contains an integer that is too long.
    """
    try:
        value = json.loads(content.decode("utf-8"), parse_int=_integer)
        expect_shallow(value)
        return cast(object, value)
    except UnicodeDecodeError as error:
        reason = f"byte {error.start} is 0x{content[error.start]:02X}, which is not UTF-8"
    except RecursionError:
        reason = "it is nested too deeply"
    except json.JSONDecodeError as error:
        reason = f"not JSON: {error.msg.removesuffix(' at')} at character {error.pos}"
    except ValueError as error:
        reason = str(error)
    raise Unreadable(reason)


def expect_shallow(value: object) -> None:
    """Raise RecursionError for a deeply nested value; checked by level, without recursion."""
    level = [value]
    for _ in range(DEEPEST):
        inner = (node.values() if isinstance(node, dict) else node for node in level if _holds(node))
        level = [item for items in inner for item in items if _holds(item)]
        if not level:
            return
    raise RecursionError


def _holds(value: object) -> TypeGuard[dict[str, object] | list[object]]:
    return isinstance(value, dict | list)


def _integer(digits: str) -> int:
    if len(digits) > LONGEST_NUMBER:
        raise ValueError(f"it contains an integer of {len(digits)} digits")
    return int(digits)
