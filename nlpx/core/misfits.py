"""Report what does not fit together in a section of a config."""

from __future__ import annotations

from collections.abc import Iterable

from pydantic import ValidationError
from pydantic_core import InitErrorDetails, PydanticCustomError

Misfit = tuple[tuple[str | int, ...], object, str]
"""Where, what is received, what is wrong."""


def refuse(section: str, misfits: Iterable[Misfit]) -> None:
    """Raise ValidationError with all misfits, from a validator of a section; nothing if there are none.

    Args:
        section: its name in the error.
        misfits: their places are relative to the section.
    """
    errors = [
        InitErrorDetails(type=PydanticCustomError("misfit", "{what}", {"what": what}), loc=loc, input=value)
        for loc, value, what in misfits
    ]
    if errors:
        raise ValidationError.from_exception_data(section, errors)
