"""The files of a run as they are read: plain files inside it, bounded, or the run is damaged.

A run may come from anywhere. Whatever its files hold, reading them raises DamagedRun and nothing else.
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
"""Bytes of the largest file of one word: STATUS, best, last."""
LARGEST_JSON = 1 << 22
"""Bytes of the largest JSON file; those that nlpx writes have some thousand."""


def refuse_links(run: Path) -> None:
    """Check that a run holds files of its own and folders and nothing else, so that no path leads out of it.

    The run itself may be a link. Hidden links beside its files (editors make some) are nobody's business.

    Raises:
        DamagedRun: there is a symbolic link, a hard link, a device, a pipe or a socket in it, or a folder
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
                            f"this file has {status.st_nlink} names (hard links, such as `cp -l` makes), and "
                            "what is written to one is written to all. A run holds files of its own",
                            f"Copy the run, and use the copy: {copy}",
                        )
                    elif not stat.S_ISREG(mode):
                        raise DamagedRun(
                            Path(entry.path),
                            f"it is {KINDS.get(stat.S_IFMT(mode), 'not a file')}. A run holds files and "
                            "folders only, and nlpx neither reads nor writes through anything else in it",
                            "Put a copy of the file or folder in its place, or delete it.",
                        )
        except FileNotFoundError:
            # A process that trains into the run renames and removes files.
            continue
        except OSError as error:
            raise DamagedRun(folder, f"it cannot be read: {error.strerror or error}") from None


def read_file(path: Path, limit: int = LARGEST_JSON) -> bytes:
    """The content of a file of a run; raises DamagedRun, also where there is none."""
    found = read_if_there(path, limit)
    if found is None:
        raise DamagedRun(path, "there is no such file")
    return found


def read_if_there(path: Path, limit: int = LARGEST_JSON) -> bytes | None:
    """The content of a file of a run, None where there is none; raises DamagedRun."""
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
