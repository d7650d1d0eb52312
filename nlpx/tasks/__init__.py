"""Tasks: rows -> arrays -> model -> metrics -> answers. Importing this room imports no TensorFlow."""

from __future__ import annotations

from nlpx.core.build import implementation
from nlpx.specs.experiment import Experiment
from nlpx.tasks.base import AnyTask, Task


def task_for(experiment: Experiment) -> AnyTask:
    """The task that an experiment names, ready to read rows; its model is built on demand."""
    task = implementation(type(experiment))(experiment)
    if not isinstance(task, Task):
        raise TypeError(f"{type(experiment).implementation} is not a nlpx.tasks.base.Task")
    return task
