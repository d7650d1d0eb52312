"""Small corpora written for nlpx, so that every task runs on a fresh machine.

A sample is a module with `SAMPLE`: one of this folder, which gives it its name; or `sample` in the folder of
a task, which has the task's name; `sample_NAME` there is called TASK_NAME. Rows are made when asked for.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from pathlib import Path

from nlpx.data.samples.sample import Sample, SampleRow

__all__ = ["Sample", "SampleRow", "find", "names"]

HELPERS = ("__init__", "sample", "grammar")
TASKS = Path(__file__).parents[2] / "tasks"


@cache
def names() -> Mapping[str, str]:
    """By name of a sample, its module."""
    here = {path.stem: f"{__name__}.{path.stem}" for path in Path(__file__).parent.glob("*.py")}
    found = {name: module for name, module in here.items() if name not in HELPERS}
    for path in TASKS.glob("*/sample*"):
        task = path.parent.name
        found[task + path.stem.removeprefix("sample")] = f"nlpx.tasks.{task}.{path.stem}"
    return dict(sorted(found.items()))


def find(name: str) -> Sample:
    """The sample of one of these names."""
    sample = import_module(names()[name]).SAMPLE
    if not isinstance(sample, Sample):
        raise TypeError(f"{names()[name]}.SAMPLE is no sample")
    return sample
