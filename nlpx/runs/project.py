"""The state of the git repository that contains the config of a run."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

PATCH_LIMIT = 1_000_000
"""Maximum size in bytes of uncommitted changes that are recorded."""
SECONDS = 10.0


@dataclass(frozen=True)
class Project:
    """A commit and the uncommitted changes.

    Attributes:
        commit: full hash; empty before the first commit.
        patch: uncommitted changes for `git apply`, truncated to PATCH_LIMIT bytes.
        complete: whether the patch was not truncated.
    """

    commit: str
    patch: bytes
    complete: bool


def project_state(folder: Path) -> Project | None:
    """The state of the repository that contains `folder`; None if there is none, or no git."""
    if _git(folder, "rev-parse", "--is-inside-work-tree") is None:
        return None
    commit = _git(folder, "rev-parse", "--verify", "--quiet", "HEAD")
    if commit is None:
        return Project("", b"", True)
    patch = _git(folder, "diff", "--binary", "--no-ext-diff", "--no-textconv", "--no-color", "HEAD")
    patch = patch if patch is not None else b""
    return Project(commit.decode("ascii").strip(), patch[:PATCH_LIMIT], len(patch) <= PATCH_LIMIT)


def _git(folder: Path, *arguments: str) -> bytes | None:
    """Standard output of a read-only git command; None if it fails."""
    environment = {**os.environ, "GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"}
    try:
        done = subprocess.run(
            # The settings of an untrusted repository could name a program that git would start.
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
