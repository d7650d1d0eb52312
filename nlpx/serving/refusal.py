"""Errors of requests, with their HTTP status."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass
class Refusal(Exception):
    """A request, or one row of it, that gets no prediction.

    Args:
        status: HTTP status.
        code: for programs, such as `text_too_long`.
        message: for people: what is wrong, what was received and expected, what to do.
        headers: of the response.
    """

    status: int
    code: str
    message: str
    headers: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.message

    def to_json(self) -> dict[str, object]:
        return {"error": {"code": self.code, "message": self.message}}


CLOSE = {"Connection": "close"}
"""Of a response to a request whose body has not been read to its end."""
