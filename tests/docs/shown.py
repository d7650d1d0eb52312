"""The output that the README shows: what makes it, and how it is cut out of what a command writes."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tests.docs.pages import ROOT, Block, read

READMES = ("README.md", "README.zh-CN.md")
TRAINED = "configs/couplet.yaml"
"""What `make train` trains."""
METRICS = 3
"""Rows of the table that are shown."""
MINE = """\
task: couplet
model:
  encoder:
    - {type: gated_conv, kernel_sise: 3}
loss: cross_entropy
optimizer: {type: adam, learning_rate: -1e-3}
"""
"""`mine.yaml`, the config with two mistakes."""
COMMAND = "nlpx data export configs/dogs.yaml --split test --output images"
"""What the table of answers shows in place of a picture."""


def training(out: str, err: str) -> str:
    """The end of a training, cut short: progress, the first metrics, the answers, the run's folder."""
    progress = [line for line in re.split(r"[\r\n]+", err) if " left" in line][-1].strip()
    stopped = next(line for line in err.splitlines() if line.startswith("stopped at "))
    rows = out.splitlines()
    table = next(index for index, line in enumerate(rows) if line.startswith("test, checkpoint"))
    answers = [line for line in rows if " → " in line]
    head = [line.rstrip() for line in rows[table : table + 2 + METRICS]]
    return "\n".join([progress, stopped, "", *head, "...", *answers, rows[-1]])


def errors(err: str) -> str:
    """What `nlpx check` finds, without the line that counts it."""
    return "\n".join(line.rstrip() for line in err.splitlines()[:-1])


@dataclass(frozen=True)
class Example:
    """A row of the table of answers.

    Attributes:
        task: whose run answers.
        text: what is asked; for pictures the command that makes them.
        answer: as shown.
    """

    task: str
    text: str
    answer: str


def outputs(page: str) -> list[Block]:
    """The blocks of output of a page: that of a training, and that of `nlpx check mine.yaml`."""
    return [item for item in read(page) if isinstance(item, Block) and item.language == "text"]


def examples(page: str) -> list[Example]:
    """The rows of the table of answers."""
    lines = (ROOT / page).read_text(encoding="utf-8").splitlines()
    rows = [
        [cell.strip(" `") for cell in line.strip("|").split("|")] for line in lines if line.count("|") == 4
    ]
    return [Example(*row) for row in rows if row[0].isalpha() and row[0].isascii()]


def answer(task: str, line: str, page: str) -> str:
    """What the table shows of a line of `nlpx predict`: the nearest two sentences, the most probable class."""
    several = line.split("  ")
    if task == "similarity":
        return ("、" if page == "README.zh-CN.md" else ", ").join(several[:2])
    return several[0] if task == "dogs" else line


def rewritten(page: str, blocks: Sequence[str], lines: Mapping[str, str]) -> str:
    """A README with other output in its blocks, and other answers, lines of `nlpx predict`, in its table."""
    text = (ROOT / page).read_text(encoding="utf-8")
    for old, new in zip(outputs(page), blocks, strict=True):
        text = text.replace(f"```text\n{old.text}\n```", f"```text\n{new}\n```")
    for row in examples(page):
        text = text.replace(f"| {row.answer} |", f"| {answer(row.task, lines[row.task], page)} |")
    return text
