"""Whether a path that a user gave is that of a file, or of a folder, and why it is not."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from nlpx.core.files import KINDS


def is_there(path: Path) -> bool:
    """Whether something is at a path; False if it cannot be reached, where Path.exists raises."""
    return os.path.exists(path)  # noqa: PTH110


def is_file(path: Path) -> bool:
    """Whether a path is that of a file; False if it cannot be reached, where Path.is_file raises."""
    return os.path.isfile(path)  # noqa: PTH113


def is_folder(path: Path) -> bool:
    """Whether a path is that of a folder; False if it cannot be reached, where Path.is_dir raises."""
    return os.path.isdir(path)  # noqa: PTH112


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
    if above is not None and not is_folder(above):
        return f"{above} is {_kind(above)}, not a folder"
    return f"there is no such {wanted}"


def absent_file(path: Path, wanted: str = "file") -> str:
    """The same as a sentence with the path."""
    reason = why_absent(path, wanted)
    return f"there is no {wanted} {path}" if reason.startswith("there is no") else f"{path}: {reason}"


def why_no_folder(path: Path) -> str:
    """Why a path is not that of a folder."""
    if is_there(path):
        return f"it is {_kind(path)}, not a folder"
    return why_absent(path, "folder")


def _kind(path: Path) -> str:
    try:
        return KINDS.get(stat.S_IFMT(path.stat().st_mode), "a file")
    except OSError:
        return "a link to nothing"
