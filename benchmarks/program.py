"""What benchmarks share: `nlpx` in a process of its own, and what is told where something is missing."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path

from nlpx.errors import NlpxError

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
    environment = {**os.environ, "NLPX_EXPORT": "never", "NLPX_REPORT": "never"}
    if threads is not None:
        environment["NLPX_THREADS"] = str(threads)
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(command)} ended with {done.returncode}:\n{done.stderr[-2000:]}")


def need(what: str, how: str, *modules: str) -> None:
    """End this program, with one line, where a module that it compares with is not installed."""
    if any(find_spec(module) is None for module in modules):
        sys.exit(f"{Path(sys.argv[0]).name} needs {what}, which is not installed: {how}")


def corpus(folder: Path, *names: str) -> Path:
    """The absolute folder of the corpora; ends this program, with one line, where one of them is missing."""
    for name in names:
        if not (folder / name).exists():
            sys.exit(
                f"{Path(sys.argv[0]).name} needs {folder / name}, which does not exist: "
                "data/README.md says where the corpus is obtained"
            )
    return folder.resolve()


def publish(page: Path, content: str, check: bool) -> None:
    """Write a page; with `check`, end this program, with one line, where the page is not up to date."""
    if not check:
        page.write_text(content, encoding="utf-8")
    elif not page.exists() or page.read_text(encoding="utf-8") != content:
        command = f"python benchmarks/{Path(sys.argv[0]).name}"
        sys.exit(f"{page.relative_to(ROOT)} is not up to date. Run: {command}")


def run(main: Callable[[], None]) -> None:
    """Run a benchmark; what its user can put right ends it with one line."""
    try:
        main()
    except subprocess.CalledProcessError as error:
        sys.exit(f"{' '.join(map(str, error.cmd))} ended with {error.returncode}")
    except (NlpxError, FileNotFoundError) as error:
        sys.exit(f"{Path(sys.argv[0]).name}: {' '.join(str(error).split())}")
