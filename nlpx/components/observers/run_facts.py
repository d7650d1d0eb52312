"""What recorders know of a run besides its events."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Ending = Literal["finished", "interrupted", "diverged", "failed"]


@dataclass(frozen=True)
class RunFacts:
    """What recorders know of a run besides its events.

    Attributes:
        folder: where recorders have their files, each in one of its own; shared by runs.
        id: of the run, and of no other; the same when it is resumed.
        name: the name of its folder.
        task: the name of the task.
        created: UTC, ISO 8601.
        parameters: the resolved config, flattened.
        direction: whether a lower or a higher monitored number is better; None if that is unknown.
        tags, note: of the user, so far.
        resumed: whether the run is resumed.
    """

    folder: Path
    id: str
    name: str
    task: str
    created: str
    parameters: Mapping[str, object]
    direction: Literal["min", "max"] | None = None
    tags: tuple[str, ...] = ()
    note: str = ""
    resumed: bool = False
