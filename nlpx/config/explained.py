"""What an error code means, with an example and what to do: the entries of docs/errors.md."""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib.resources import files

FILE = "explanations.json"
"""Written by docs/generate.py from the pages about errors in both languages."""


@dataclass(frozen=True)
class ErrorEntry:
    """An entry of a page about errors.

    Attributes:
        title: what the error is.
        example: what nlpx prints.
        advice: what to do, in Markdown; paragraphs are divided by blank lines.
    """

    title: str
    example: str
    advice: str


def explanation(code: str, language: str) -> ErrorEntry:
    """The entry of a code in a language of nlpx.core.language."""
    found = json.loads((files("nlpx.config") / FILE).read_text(encoding="utf-8"))
    return ErrorEntry(**found[code][language])
