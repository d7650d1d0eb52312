"""`nlpx` in a process of its own, for benchmarks that train."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def nlpx(*words: object, sets: Sequence[str] = (), threads: int | None = None) -> None:
    """Run a command of this tree; ends this program where it fails.

    Args:
        words: of the command line.
        sets: values of `--set`.
        threads: how many it may use; None leaves it as it is.
    """
    command = [sys.executable, "-m", "nlpx", *map(str, words)]
    command += [word for value in sets for word in ("--set", value)]
    limit = {} if threads is None else {"NLPX_THREADS": str(threads)}
    done = subprocess.run(
        command, cwd=ROOT, env={**os.environ, **limit}, capture_output=True, text=True, check=False
    )
    if done.returncode:
        sys.exit(f"{' '.join(command)} ended with {done.returncode}:\n{done.stderr[-2000:]}")
