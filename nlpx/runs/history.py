"""Records of training: metrics.jsonl, samples.jsonl, and the checkpoints named by `best` and `last`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from nlpx.errors import DamagedRun
from nlpx.runs.directory import RunDirectory
from nlpx.runs.files import SMALL, read_if_there
from nlpx.runs.json_lines import JsonLines

POINTER = re.compile(rb"step-([0-9]{8,18})\n?")
VALID = b'"valid/'
MOST_SAMPLES = 1000
SHOWN = 40
"""Number of bytes of a damaged pointer shown in a message."""


@dataclass(frozen=True)
class History:
    """The recorded metrics of a run.

    Attributes:
        best_step: step of the best checkpoint, if there is one.
        valid: metrics `valid/NAME` at the best checkpoint, or of the last evaluation, or empty.
    """

    step: int
    best_step: int | None
    valid: dict[str, float]


def read_history(run: RunDirectory) -> History:
    """Read the recorded metrics of a run; raises DamagedRun for a damaged file."""
    lines, best = JsonLines.read(run.metrics_jsonl), pointed_step(run.best)
    last = next(lines.backwards(), {}).get("step")
    return History(last if isinstance(last, int) else 0, best, _valid(lines, best))


def _valid(lines: JsonLines, best: int | None) -> dict[str, float]:
    last = lines.content.rfind(VALID)
    if last < 0:
        return {}
    found = lines.record_at(last)
    if best is not None and found.get("step") != best:
        for place in _places(lines.content, rb'"step": ?%d,' % best):
            if VALID in lines.line_at(place):
                found = lines.record_at(place)
    return {
        name: float(value)
        for name, value in found.items()
        if name.startswith("valid/") and isinstance(value, int | float)
    }


def _places(content: bytes, pattern: bytes) -> Iterator[int]:
    """Positions of matches, one per line: a line may contain very many."""
    found, place = re.compile(pattern), 0
    while match := found.search(content, place):
        yield match.start()
        place = content.index(b"\n", match.start())


def last_samples(run: RunDirectory) -> list[dict[str, object]]:
    """The samples of the last evaluation, at most MOST_SAMPLES."""
    backwards = JsonLines.read(run.samples).backwards()
    samples: list[dict[str, object]] = []
    for record in islice(backwards, MOST_SAMPLES):
        if samples and samples[0].get("step") != record.get("step"):
            break
        samples.append(record)
    return samples[::-1]


def pointed_step(pointer: Path) -> int | None:
    """The step of the checkpoint named by `best` or `last`, or None; raises DamagedRun."""
    content = read_if_there(pointer, SMALL)
    if content is None:
        return None
    found = POINTER.fullmatch(content)
    if found is None:
        raise DamagedRun(
            pointer,
            f"expected the name of a checkpoint such as step-00000100, got {content[:SHOWN]!r}",
            "Write the name of a folder in checkpoints/ to it, or delete it.",
        )
    return int(found[1])
