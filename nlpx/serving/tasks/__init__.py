"""What requests to models of a task can ask for besides a prediction, one file for each task."""

from __future__ import annotations

from importlib import import_module

from nlpx.serving.tasks.base import TaskApi
from nlpx.workflow.model import OpenModel

TASKS = {
    "couplet": "couplet:CoupletApi",
    "segmentation": "segmentation:SegmentationApi",
    "title": "title:TitleApi",
    "similarity": "similarity:SimilarityApi",
    "poem": "poem:PoemApi",
}
"""Task -> module and class; all other tasks only predict."""


def api_of(model: OpenModel) -> TaskApi:
    """What requests can ask of a model."""
    if model.experiment.type not in TASKS:
        return TaskApi(model)
    module, name = TASKS[model.experiment.type].split(":")
    made = getattr(import_module(f"nlpx.serving.tasks.{module}"), name)(model)
    assert isinstance(made, TaskApi)
    return made
