"""Say why a path that a user gave is not that of a file, or of a folder."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from nlpx.core.files import KINDS


def why_absent(path: Path, wanted: str = "file") -> str:
    """Why nothing can be read at a path, where there is nothing, or a link to nothing.

    Args:
        path: the path, which the message does not name.
        wanted: what is expected there.
    """
    try:
        path.stat()
    except PermissionError:
        return "it cannot be reached: permission denied"
    except (OSError, ValueError):
        pass
    if os.path.islink(path):  # noqa: PTH114  (Path.is_symlink raises for a long name)
        return f"it is a link to {os.readlink(path)}, and nothing is there"  # noqa: PTH115
    above = next((folder for folder in path.parents if os.path.lexists(folder)), None)
    if above is not None and not os.path.isdir(above):  # noqa: PTH112
        return f"{above} is {_kind(above)}, not a folder"
    return f"there is no such {wanted}"


def absent_file(path: Path, wanted: str = "file") -> str:
    """The same as a sentence with the path."""
    reason = why_absent(path, wanted)
    return f"there is no {wanted} {path}" if reason.startswith("there is no") else f"{path}: {reason}"


def why_no_folder(path: Path) -> str:
    """Why a path is not that of a folder."""
    if os.path.exists(path):  # noqa: PTH110  (Path.exists raises for a long name)
        return f"it is {_kind(path)}, not a folder"
    return why_absent(path, "folder")


def _kind(path: Path) -> str:
    try:
        return KINDS.get(stat.S_IFMT(os.stat(path).st_mode), "a file")  # noqa: PTH116
    except OSError:
        return "a link to nothing"
