"""JSON from files that anybody may have written: what it can raise is one thing, with a reason."""

from __future__ import annotations

import json
from typing import TypeGuard, cast

from nlpx.core.files import Unreadable

LONGEST_NUMBER = 40
"""Digits of the longest integer that is read; nothing that nlpx counts has more."""
DEEPEST = 100
"""Levels of lists and objects; what is accepted can be walked by recursion."""


def parse_json(content: bytes) -> object:
    """The value of a UTF-8 JSON text.

    Raises:
        Unreadable: it is no UTF-8, no JSON, nested too deeply, or holds an integer that nothing can count.
    """
    try:
        value = json.loads(content.decode("utf-8"), parse_int=_integer)
        _expect_shallow(value)
        return cast(object, value)
    except UnicodeDecodeError as error:
        reason = f"byte {error.start} is 0x{content[error.start]:02X}, which is not UTF-8"
    except RecursionError:
        reason = "it is nested too deeply"
    except json.JSONDecodeError as error:
        reason = f"no JSON: {error.msg} at character {error.pos}"
    except ValueError as error:
        reason = str(error)
    raise Unreadable(reason)


def _expect_shallow(value: object) -> None:
    """Raise RecursionError where what reads the value might: without recursion, level by level."""
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
        raise ValueError(f"it holds an integer of {len(digits)} digits")
    return int(digits)
