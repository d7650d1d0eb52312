"""JSON from files that anybody may have written: what it can raise is one thing, with a reason."""

from __future__ import annotations

import json

from nlpx.core.files import Unreadable

LONGEST_NUMBER = 40
"""Digits of the longest integer that is read; nothing that nlpx counts has more."""


def parse_json(content: bytes) -> object:
    """The value of a UTF-8 JSON text.

    Raises:
        Unreadable: it is no UTF-8, no JSON, nested too deeply, or holds an integer that nothing can count.
    """
    try:
        return json.loads(content.decode("utf-8"), parse_int=_integer)
    except UnicodeDecodeError as error:
        reason = f"byte {error.start} is 0x{content[error.start]:02X}, which is not UTF-8"
    except RecursionError:
        reason = "it is nested too deeply"
    except json.JSONDecodeError as error:
        reason = f"no JSON: {error.msg} at character {error.pos}"
    except ValueError as error:
        reason = str(error)
    raise Unreadable(reason)


def _integer(digits: str) -> int:
    if len(digits) > LONGEST_NUMBER:
        raise ValueError(f"it holds an integer of {len(digits)} digits")
    return int(digits)
