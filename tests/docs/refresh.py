"""Make the output that the READMEs show again, by trainings of all tasks, which takes some minutes.

    python -m tests.docs.refresh [--check]

With --check nothing is written; the exit code is 1 where a number is further from the one that is shown than
another processor explains, or anything else differs but the answers.
"""

from __future__ import annotations

import difflib
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.docs.pages import ROOT
from tests.docs.shown import COMMAND, MINE, READMES, TRAINED, errors, examples, outputs, rewritten, training
from tests.docs.stand_ins import NAMES

TOLERANCE = 0.1
"""Of a number, as a share of it."""


def main(arguments: list[str]) -> int:
    with TemporaryDirectory() as folder:
        blocks, lines = made(Path(folder))
    if arguments != ["--check"]:
        for page in READMES:
            (ROOT / page).write_text(rewritten(page, blocks, lines), encoding="utf-8")
        return 0
    different = [
        line
        for page in READMES
        for old, new in zip(outputs(page), blocks, strict=True)
        if not alike(old.text, new)
        for line in difflib.unified_diff(old.text.splitlines(), new.splitlines(), page, "today", lineterm="")
    ]
    print("\n".join(different))
    return int(bool(different))


def made(folder: Path) -> tuple[list[str], dict[str, str]]:
    """The blocks of output, and by task the line with which its run answers."""
    (folder / "mine.yaml").write_text(MINE, encoding="utf-8")
    for name in ("configs", "docs"):
        (folder / name).symlink_to(ROOT / name)
    shown = nlpx(folder, "train", TRAINED)
    blocks = [training(shown.stdout, shown.stderr), errors(nlpx(folder, "check", "mine.yaml", code=2).stderr)]
    lines = {}
    for row in examples(READMES[0]):
        if row.task != "couplet":
            nlpx(folder, "train", f"configs/{row.task}.yaml")
        asked = ["--text", row.text]
        if row.task == "dogs":
            nlpx(folder, *shlex.split(COMMAND)[1:])
            asked = ["--input", "images"]
        lines[row.task] = nlpx(
            folder, "predict", "--root", f"runs/{NAMES.get(row.task, row.task)}", *asked
        ).stdout.splitlines()[0]
    return blocks, lines


def nlpx(folder: Path, *arguments: str, code: int = 0) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "nlpx", *arguments]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, encoding="utf-8", check=False
    )
    if done.returncode != code:
        raise RuntimeError(f"{shlex.join(command)}\n{done.stderr}")
    return done


def alike(old: str, new: str) -> bool:
    """Whether two outputs of a training differ only as processors do: in speed, a little in numbers, in answers."""
    before, after = old.splitlines(), new.splitlines()
    if len(before) != len(after):
        return False
    for one, other in zip(before, after, strict=True):
        if " → " in one:
            (asked, answered), (asks, answers) = one.split(" → "), other.split(" → ")
            if (asked, len(answered)) != (asks, len(answers)):
                return False
        elif not one.startswith("run: ") and not _near(one, other):
            return False
    return True


def _near(one: str, other: str) -> bool:
    plain = [re.sub(r"\S+ chars/s .*", "", line) for line in (one, other)]
    number = re.compile(r"\d+(?:\.\d+)?(?:e-?\d+)?")
    if number.sub("0", plain[0]).split() != number.sub("0", plain[1]).split():
        return False
    pairs = zip(*(map(float, number.findall(line)) for line in plain), strict=True)
    return all(abs(a - b) <= TOLERANCE * abs(a) for a, b in pairs)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
