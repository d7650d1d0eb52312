"""metrics.jsonl, metrics.csv, samples.jsonl and the folder samples of a run.

They hold no wall-clock time: a run that was killed and resumed leaves the same bytes as one that was not.
"""

from __future__ import annotations

import csv
import io
import json
import math
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from nlpx.components.observers.base import Listener, Setting
from nlpx.components.observers.events import Evaluated, Event, LossLogged, StageBegan
from nlpx.core.files import Unreadable, make_folder, open_appending, replace_file
from nlpx.core.json_text import parse_json
from nlpx.errors import CheckpointError, DamagedRun, EnvironmentProblem

METRICS, TABLE, SAMPLES, FILES = "metrics.jsonl", "metrics.csv", "samples.jsonl", "samples"


class Recorder(Listener):
    """Appends whole lines to the files of a run.

    metrics.jsonl: one object a line: `step`, `epoch` (epochs done, a fraction), `stage` (counted from 1,
    where there are stages) and `train/...` or `valid/...`; a number that is not finite is null. Where the
    loss is scaled, `train/skipped_updates` counts the updates since the last record that overflowed.
    samples.jsonl: `step` and the sample. metrics.csv: the same as metrics.jsonl, a column for each name in
    the order of appearance; it is made from metrics.jsonl and has no offset. samples/: the files of
    evaluations, `step-00001000-NAME`; a resumed run writes later ones again.

    Args:
        directory: the run directory.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._columns: list[str] = []
        self._updates_per_epoch = 1
        self._stage: dict[str, int] = {}

    def rewind(self, offsets: Mapping[str, int]) -> None:
        """Cut the files to what a state says; to nothing where it says nothing.

        Raises:
            CheckpointError: a file is shorter than that: lines are lost.
            EnvironmentProblem: the files cannot be written.
        """
        with _explained(self._directory):
            for name in (METRICS, SAMPLES):
                path, offset = self._directory / name, offsets.get(name, 0)
                with open_appending(path) as file:
                    size = file.tell()
                    if size < offset:
                        raise CheckpointError(
                            f"{path}: {size} bytes long, but the checkpoint was saved when it had {offset}. "
                            "Put the file back from a copy, or train a new run."
                        )
                    file.truncate(offset)
            self._rewrite_table()

    def begin(self, setting: Setting) -> None:
        self._updates_per_epoch = setting.updates_per_epoch

    def offsets(self) -> dict[str, int]:
        """Length of each file in bytes, once that much is on the disk.

        Raises:
            EnvironmentProblem: the files cannot be written.
        """
        offsets = {}
        with _explained(self._directory):
            for name in (METRICS, SAMPLES):
                with open_appending(self._directory / name) as file:
                    os.fsync(file.fileno())
                    offsets[name] = file.tell()
        return offsets

    def on(self, event: Event) -> None:
        if isinstance(event, LossLogged):
            self._record(event, event.numbers)
        elif isinstance(event, Evaluated):
            self._record(event, event.metrics)
            self._append(SAMPLES, [{"step": event.step, **sample} for sample in event.samples])
            self._keep(event)
        elif isinstance(event, StageBegan):
            self._stage = {"stage": event.stage + 1}

    def _record(self, event: Event, numbers: Mapping[str, float]) -> None:
        finite = {name: value if math.isfinite(value) else None for name, value in numbers.items()}
        epoch = round(event.step / self._updates_per_epoch, 4)
        record = {"step": event.step, "epoch": epoch, **self._stage, **finite}
        self._append(METRICS, [record])
        with _explained(self._directory):
            if set(record) <= set(self._columns):
                with open_appending(self._directory / TABLE) as file:
                    file.write(_table_text(self._columns, [record]).encode())
            else:
                self._rewrite_table()

    def _keep(self, event: Evaluated) -> None:
        for name, content in event.files.items():
            with _explained(self._directory):
                make_folder(self._directory / FILES)
                replace_file(self._directory / FILES / f"step-{event.step:08d}-{name}", content)

    def _append(self, name: str, records: Sequence[Mapping[str, object]]) -> None:
        text = "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records)
        with _explained(self._directory), open_appending(self._directory / name) as file:
            file.write(text.encode())

    def _rewrite_table(self) -> None:
        records = list(_records(self._directory / METRICS))
        self._columns = list(
            dict.fromkeys(["step", "epoch", *(name for record in records for name in record)])
        )
        header = ",".join(self._columns) + "\n"
        replace_file(self._directory / TABLE, header + _table_text(self._columns, records))


def _records(path: Path) -> Iterator[dict[str, object]]:
    """What a file of records holds; raises DamagedRun."""
    for number, line in enumerate(path.read_bytes().splitlines(), start=1):
        try:
            record = parse_json(line)
        except Unreadable as error:
            raise DamagedRun(Path(f"{path}:{number}"), str(error)) from None
        if not isinstance(record, dict):
            raise DamagedRun(Path(f"{path}:{number}"), "expected a JSON object")
        yield record


def _table_text(columns: Sequence[str], records: Sequence[Mapping[str, object]]) -> str:
    text = io.StringIO()
    csv.DictWriter(text, columns, lineterminator="\n").writerows(records)
    return text.getvalue()


@contextmanager
def _explained(directory: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise EnvironmentProblem(
            f"{directory}: the records of the run cannot be written: {error.strerror or error}. "
            f"Free space or make the folder writable, then: nlpx train --resume {directory}"
        ) from error
