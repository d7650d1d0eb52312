"""Read files of a run: regular files of bounded size inside its folder; anything else is damage.

A run may come from an untrusted source. Whatever its files contain, reading them only raises DamagedRun.
"""

from __future__ import annotations

import os
import shlex
import stat
from pathlib import Path

from nlpx.core.files import KINDS, Unreadable, read_regular
from nlpx.core.json_text import parse_json
from nlpx.errors import DamagedRun

SMALL = 1 << 10
"""Maximum size in bytes of files that contain one word: STATUS, best, last."""
LARGEST_JSON = 1 << 22
"""Maximum size in bytes of a JSON file; those written by nlpx have a few thousand."""


def refuse_links(run: Path) -> None:
    """Check that a run only contains folders and regular files without other names, so no path leaves it.

    The run itself may be a link. Hidden links at the top level, which some editors create, are ignored.

    Raises:
        DamagedRun: it contains a symbolic link, a hard link, a device, a pipe or a socket, or a folder
            cannot be read.
    """
    folders = [run]
    while folders:
        folder = folders.pop()
        try:
            with os.scandir(folder) as entries:
                for entry in entries:
                    status = entry.stat(follow_symlinks=False)
                    mode = status.st_mode
                    if stat.S_ISDIR(mode):
                        folders.append(Path(entry.path))
                    elif folder == run and entry.name.startswith("."):
                        continue
                    elif stat.S_ISREG(mode) and status.st_nlink > 1:
                        copy = shlex.join(["cp", "-r", str(run), f"{run}-copy"])
                        raise DamagedRun(
                            Path(entry.path),
                            f"this file has {status.st_nlink} names (hard links, as created by `cp -l`), so "
                            "a change to one changes all. The files of a run must not be shared",
                            f"Copy the run, and use the copy: {copy}",
                        )
                    elif not stat.S_ISREG(mode):
                        raise DamagedRun(
                            Path(entry.path),
                            f"it is {KINDS.get(stat.S_IFMT(mode), 'not a file')}. A run must only contain "
                            "regular files and folders",
                            "Replace it with a copy of the file or folder, or delete it.",
                        )
        except FileNotFoundError:
            # A process that is training in the run renames and deletes files.
            continue
        except OSError as error:
            raise DamagedRun(folder, f"it cannot be read: {error.strerror or error}") from None


def read_file(path: Path, limit: int = LARGEST_JSON) -> bytes:
    """The content of a file of a run; raises DamagedRun, also if it does not exist."""
    found = read_if_there(path, limit)
    if found is None:
        raise DamagedRun(path, "there is no such file")
    return found


def read_if_there(path: Path, limit: int = LARGEST_JSON) -> bytes | None:
    """The content of a file of a run, None if it does not exist; raises DamagedRun."""
    try:
        if path.lstat().st_size > limit:
            raise Unreadable(f"it is larger than {limit:,} bytes")
        return read_regular(path, limit, follow=False)
    except FileNotFoundError:
        return None
    except Unreadable as error:
        raise DamagedRun(path, str(error)) from None
    except OSError as error:
        raise DamagedRun(path, error.strerror or str(error)) from None


def read_json(path: Path) -> object:
    """The value of a JSON file of a run; raises DamagedRun."""
    try:
        return parse_json(read_file(path))
    except Unreadable as error:
        raise DamagedRun(path, str(error)) from None
