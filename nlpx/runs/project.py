"""The state of the git repository that the config of a run lies in."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

PATCH_LIMIT = 1_000_000
"""Bytes of uncommitted changes that are kept."""
SECONDS = 10.0


@dataclass(frozen=True)
class Project:
    """A commit, and what was changed since without being committed.

    Attributes:
        commit: full hash; empty before the first commit.
        patch: what `git apply` makes of the commit; cut off after PATCH_LIMIT bytes.
        complete: whether the patch was not cut off.
    """

    commit: str
    patch: bytes
    complete: bool


def project_state(folder: Path) -> Project | None:
    """The state of the repository around `folder`; None where there is none, or no git."""
    if _git(folder, "rev-parse", "--is-inside-work-tree") is None:
        return None
    commit = _git(folder, "rev-parse", "--verify", "--quiet", "HEAD")
    if commit is None:
        return Project("", b"", True)
    patch = _git(folder, "diff", "--binary", "--no-ext-diff", "--no-textconv", "--no-color", "HEAD")
    patch = patch if patch is not None else b""
    return Project(commit.decode("ascii").strip(), patch[:PATCH_LIMIT], len(patch) <= PATCH_LIMIT)


def _git(folder: Path, *arguments: str) -> bytes | None:
    """Standard output of a git command that changes nothing; None if it fails."""
    environment = {**os.environ, "GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"}
    try:
        done = subprocess.run(
            # The repository may be somebody else's: its settings name programs that git would start.
            ["git", "-c", "core.fsmonitor=false", *arguments],
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout if done.returncode == 0 else None
