"""The history of `nlpx repl`, which the next session continues.

Environment:
    NLPX_HISTORY: its file, or `never`; default: repl_history in the user's folder for states of programs.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable
from pathlib import Path

from nlpx.cli.echo import tell

VARIABLE, NEVER = "NLPX_HISTORY", "never"
LONGEST = 1000
"""Lines that are remembered."""
OWN = 0o600
"""Lines may be private: only their user can read the file."""


def remembered() -> Callable[[], None]:
    """Enable editing of lines with the history of earlier sessions; the result is called after every line.

    Each line is saved at once, so that a killed session loses none and two sessions keep those of both.
    """
    try:
        import readline
    except ImportError:  # Python may be built without it; there is then no history
        return lambda: None
    readline.set_history_length(LONGEST)
    path = _file()
    if path is None:
        return lambda: None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_RDONLY, OWN))
        readline.read_history_file(path)
        if readline.get_current_history_length() >= LONGEST:
            readline.write_history_file(path)  # which leaves out the oldest lines
    except OSError as error:
        tell(f"warning: {path}: the history is neither read nor saved: {error.strerror or error}.")
        return lambda: None
    known = readline.get_current_history_length()

    def save() -> None:
        nonlocal known
        count = readline.get_current_history_length()
        if count != known or count == LONGEST:
            known = count
            # A full disk costs the history, not the session.
            with contextlib.suppress(OSError):
                readline.append_history_file(1, path)

    return save


def _file() -> Path | None:
    chosen = os.environ.get(VARIABLE)
    if chosen == NEVER:
        return None
    if chosen:
        return Path(chosen)
    from platformdirs import user_state_path

    return user_state_path("nlpx", appauthor=False) / "repl_history"
