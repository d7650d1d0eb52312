"""The options of a source that read a file as it is, for messages and configs."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from nlpx.data.formats.headings import is_header
from nlpx.data.tables import SEPARATORS, Format, named_format

PLAIN = re.compile(r"[A-Za-z_/\u4e00-\u9fff][\w./\u4e00-\u9fff-]*")
RESERVED = frozenset(["true", "false", "null", "yes", "no", "on", "off", "y", "n"])
"""Words that some readers of YAML take for other values."""


def table_options(
    path: Path,
    parts: Sequence[str],
    rows: Sequence[Sequence[str]],
    places: Sequence[int],
    written: Format,
    separator: str,
) -> dict[str, object]:
    """The options `format`, `separator` and `columns`, without those that have their default value.

    Args:
        parts: the columns that the source reads.
        rows: the first rows of the file, with its header if it has one.
        places: the index of the column of every part.
    """
    options: dict[str, object] = {}
    if written != named_format(path):
        options["format"] = written
    if separator != SEPARATORS[written]:
        options["separator"] = separator
    if is_header(rows):
        options["columns"] = {part: rows[0][at].strip() for part, at in zip(parts, places, strict=True)}
    elif list(places) != list(range(len(rows[0]))):
        options["columns"] = {part: at + 1 for part, at in zip(parts, places, strict=True)}
    return options


def set_options(options: Mapping[str, object]) -> str:
    """How to set options of the source, for messages."""
    return f"set in data.source: `{flow(options)[1:-1]}`"


def flow(value: object) -> str:
    """A value in YAML, on one line."""
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{flow(key)}: {flow(inner)}' for key, inner in value.items())}}}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(flow, value))}]"
    if isinstance(value, str) and PLAIN.fullmatch(value) and value.lower() not in RESERVED:
        return value
    return json.dumps(value, ensure_ascii=False)
