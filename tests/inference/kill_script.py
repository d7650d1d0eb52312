"""Kill a job in every way and let it go on; prints how often, or what is wrong. Without TensorFlow.

    python -m tests.inference.kill_script FOLDER

A fork is far faster than a new process, and here it is safe: there are no threads.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

from nlpx.inference import partial
from tests.inference.cheap import run_job

KILLS = 20
LINES = 600
OLD = b"what was there before\n"
CHANGES = {"open", "os.rename", "os.remove", "os.truncate"}
"""Events at which the files change."""
Job = Callable[[], None]


def started(job: Job) -> int:
    child = os.fork()
    if not child:
        code = 1
        try:
            job()
            code = 0
        finally:
            os._exit(code)
    return child


def ended(child: int) -> int:
    """The exit code of a child, or minus the number of the signal that killed it."""
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def killed_at_random(job: Job, target: Path) -> int:
    """Kill the job at random moments; the number of times that it was not done yet."""
    chance = random.Random(7)
    for kills in range(KILLS):
        child = started(job)
        time.sleep(chance.uniform(0.0, 0.05))
        os.kill(child, signal.SIGKILL)
        if ended(child) != -signal.SIGKILL:
            return kills
        assert target.read_bytes() == OLD
    return KILLS


def killed_at_every_change(job: Job, target: Path, expected: bytes) -> int:
    """Kill the job at its first change of a file, at its second one, and so on; their number."""
    for number in range(1, 200):
        target.write_bytes(OLD)

        def dying(number: int = number) -> None:
            left = number

            def hook(event: str, arguments: object) -> None:
                nonlocal left
                if event in CHANGES:
                    left -= 1
                    if not left:
                        os.kill(os.getpid(), signal.SIGKILL)

            sys.addaudithook(hook)
            job()

        code = ended(started(dying))
        if code == 0:
            return number - 1
        assert code == -signal.SIGKILL, code
        assert target.read_bytes() in (OLD, expected)
        assert ended(started(job)) == 0
        assert target.read_bytes() == expected, number
        assert_nothing_left(target)
    raise AssertionError("it never ends")


def assert_nothing_left(target: Path) -> None:
    assert [path.name for path in target.parent.iterdir() if path.name.startswith(("out", ".out"))] == ["out"]


def main(folder: Path) -> None:
    partial.EVERY = 0.0
    os.fsync = lambda fd: None  # a kill loses nothing that the system has, and a disk may be slow
    source, target = folder / "in", folder / "out"
    source.write_text("".join(f"第{i}行,\n" for i in range(LINES)), encoding="utf-8")
    run_job(source, target, 10)
    expected = target.read_bytes()
    target.write_bytes(OLD)
    random_kills = killed_at_random(lambda: run_job(source, target, 10, 0.01), target)
    assert ended(started(lambda: run_job(source, target, 10))) == 0
    assert target.read_bytes() == expected
    assert_nothing_left(target)
    changes = killed_at_every_change(lambda: run_job(source, target, LINES // 3), target, expected)
    heavy = [name for name in ("tensorflow", "keras") if name in sys.modules]
    print(json.dumps({"random": random_kills, "changes": changes, "heavy": heavy}))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
