"""What a user notes about a run: tags and a text."""

from __future__ import annotations

import re
from collections.abc import Sequence

from nlpx.core.files import replace_file
from nlpx.errors import UsageError
from nlpx.runs.directory import RunDirectory
from nlpx.runs.record import Record

TAG = re.compile(r"\w[\w.:/-]{0,99}")
LONGEST_NOTE = 10_000


class Notes(Record):
    """The content of notes.json."""

    tags: list[str] = []
    note: str = ""

    @classmethod
    def of(cls, run: RunDirectory) -> Notes:
        """The notes of a run, which may be empty; raises DamagedRun."""
        return cls.read(run.notes) if run.notes.exists() else cls()

    def write(self, run: RunDirectory) -> None:
        """Replace the notes of a run; raises EnvironmentProblem."""
        replace_file(run.notes, self.model_dump_json(indent=1) + "\n")


def tag(run: RunDirectory, added: Sequence[str], removed: Sequence[str] = ()) -> list[str]:
    """Add and remove tags of a run; gives all that it then has.

    Raises:
        UsageError: a tag is not a word.
        DamagedRun, EnvironmentProblem: the notes cannot be read or written.
    """
    for text in added:
        if not TAG.fullmatch(text):
            raise UsageError(
                f"{text[:100]!r} is not a tag. Expected one word of at most 100 letters, digits and . _ : / -"
            )
    notes = Notes.of(run)
    tags = [text for text in dict.fromkeys([*notes.tags, *added]) if text not in removed]
    notes.model_copy(update={"tags": tags}).write(run)
    return tags


def note(run: RunDirectory, text: str) -> None:
    """Replace the note of a run; raises UsageError, DamagedRun, EnvironmentProblem."""
    if len(text) > LONGEST_NOTE:
        raise UsageError(f"the note has {len(text):,} characters. Expected at most {LONGEST_NOTE:,}.")
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise UsageError(
            f"the note contains a byte that is not UTF-8, after {error.start} characters. Expected UTF-8."
        ) from None
    Notes.of(run).model_copy(update={"note": text}).write(run)
