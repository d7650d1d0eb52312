"""JSON lines that a run recorded. They may be millions: only those that are asked for are parsed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from nlpx.core.files import Unreadable
from nlpx.core.json_text import parse_json
from nlpx.errors import DamagedRun
from nlpx.runs.files import read_if_there

LONGEST_LINE = 1 << 20
"""Bytes of the longest line that is parsed."""
MOST_BYTES = 1 << 28
"""Bytes of the largest file; a million records have some hundred million."""


@dataclass(frozen=True)
class JsonLines:
    """The lines of a file, but for a last one that is not whole (yet).

    Attributes:
        path: of the file.
        content: its lines.
    """

    path: Path
    content: bytes

    @classmethod
    def read(cls, path: Path) -> JsonLines:
        """Those of a file, none without the file; raises DamagedRun."""
        content = read_if_there(path, MOST_BYTES) or b""
        return cls(path, content[: content.rfind(b"\n") + 1])

    def line_at(self, place: int) -> bytes:
        """The line around a byte, which may be that of its end."""
        return self.content[self._start(place) : self.content.index(b"\n", place)]

    def record_at(self, place: int) -> dict[str, object]:
        """The object of the line around a byte; raises DamagedRun, whose message has the line's number."""
        line = self.line_at(place)
        try:
            if len(line) > LONGEST_LINE:
                raise Unreadable(f"the line is longer than {LONGEST_LINE:,} bytes")
            record = parse_json(line)
            if not isinstance(record, dict):
                raise Unreadable("expected a JSON object")
        except Unreadable as error:
            number = self.content.count(b"\n", 0, place) + 1
            raise DamagedRun(
                Path(f"{self.path}:{number}"), str(error), "Delete the line, or the run."
            ) from None
        return record

    def backwards(self) -> Iterator[dict[str, object]]:
        """The objects, the last one first; raises DamagedRun as `record_at`."""
        stop = len(self.content)
        while stop:
            yield self.record_at(stop - 1)
            stop = self._start(stop - 1)

    def _start(self, place: int) -> int:
        return self.content.rfind(b"\n", 0, place) + 1
