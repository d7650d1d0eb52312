"""Store the weight of the lexical part in a run."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from nlpx.core.files import Unreadable, make_folder, read_regular, replace_file
from nlpx.errors import DataError, EnvironmentProblem
from nlpx.specs.predictor import Say
from nlpx.text.tfidf import FORMAT

MOST_BYTES = 1000
"""Maximum size in bytes of the file with the weight."""


def remembered(path: Path, learn: Callable[[], float], say: Say) -> float:
    """The weight stored in a file; if there is none, it is learned, and written to the file if possible.

    A weight learned with another version of TF-IDF is learned again; if the corpus is missing, it is used.
    """
    fitted, weight = _kept_weight(path)
    if weight is not None and fitted == FORMAT:
        return weight
    try:
        learned = learn()
    except DataError as error:
        if weight is None:
            raise
        say(
            f"{path}: the weight {weight:g} of the lexical part was learned with other weights of terms, and "
            f"cannot be learned again: {error}"
        )
        return weight
    with suppress(OSError, EnvironmentProblem):
        make_folder(path.parent)
        replace_file(path, json.dumps({"lexical": learned, "tfidf": FORMAT}) + "\n")
    return learned


def _kept_weight(path: Path) -> tuple[object, float | None]:
    """The version of TF-IDF and the weight in a file, or None."""
    try:
        kept = json.loads(read_regular(path, MOST_BYTES, follow=False))
        weight = float(kept["lexical"])
    except (OSError, Unreadable, ValueError, KeyError, TypeError, OverflowError, RecursionError):
        return None, None
    return kept.get("tfidf"), weight if 0 <= weight < float("inf") else None
