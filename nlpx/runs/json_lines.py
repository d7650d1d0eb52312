"""JSON lines recorded by a run. There may be millions, so lines are only parsed when they are needed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from nlpx.core.files import Unreadable
from nlpx.core.json_text import parse_json
from nlpx.errors import DamagedRun
from nlpx.runs.files import read_if_there

LONGEST_LINE = 1 << 20
"""Maximum length in bytes of a line that is parsed."""
MOST_BYTES = 1 << 28
"""Maximum size in bytes of a file; a million records have a few hundred million."""


@dataclass(frozen=True)
class JsonLines:
    """The lines of a file, without an incomplete last line."""

    path: Path
    content: bytes

    @classmethod
    def read(cls, path: Path) -> JsonLines:
        """Read the lines of a file, which are empty if it does not exist; raises DamagedRun."""
        content = read_if_there(path, MOST_BYTES) or b""
        return cls(path, content[: content.rfind(b"\n") + 1])

    def line_at(self, place: int) -> bytes:
        """The line that contains a byte position, which may be that of its end."""
        return self.content[self._start(place) : self.content.index(b"\n", place)]

    def record_at(self, place: int) -> dict[str, object]:
        """The object in the line that contains a byte position; raises DamagedRun with the line number."""
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

    def forwards(self) -> Iterator[dict[str, object]]:
        """The objects; raises DamagedRun as in `record_at`."""
        return map(self.record_at, self.places())

    def places(self) -> Iterator[int]:
        """Where each line begins."""
        place = 0
        while place < len(self.content):
            yield place
            place = self.content.index(b"\n", place) + 1

    def backwards(self) -> Iterator[dict[str, object]]:
        """The objects, last one first; raises DamagedRun as in `record_at`."""
        stop = len(self.content)
        while stop:
            yield self.record_at(stop - 1)
            stop = self._start(stop - 1)

    def _start(self, place: int) -> int:
        return self.content.rfind(b"\n", 0, place) + 1
