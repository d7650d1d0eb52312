"""The example of every component is a config that loads and uses it."""

from __future__ import annotations

from pathlib import Path

import pytest

from nlpx.config.load import load_experiment
from nlpx.config.machine import components
from nlpx.core.component import Entry, builtin_registry
from nlpx.specs.document import documentation
from nlpx.specs.experiment import Experiment
from tests.specs.test_document import name

AROUND = {
    "head/crf": "loss: crf_nll\ndecode: viterbi\n",
    "head/memm": "loss: memm\ndecode: viterbi\n",
    "head/bi_memm": "loss: bi_memm\ndecode: viterbi\n",
    "loss/crf_nll": "model: {head: crf}\ndecode: viterbi\n",
    "loss/cross_entropy": "model: {head: softmax}\n",
}
"""What must stand beside an example for the whole to make sense."""


def config_for(component: Entry) -> str:
    """The example as a whole config, of a task that understands the component."""
    example = documentation(component.component).example
    if component.kind == "task" or example.startswith("task: "):
        return example + "\n"
    registry = builtin_registry()
    tasks = {e.name: e.component for e in registry if issubclass(e.component, Experiment)}
    needs, record = component.component.needs, getattr(component.component, "record", None)
    fitting = [name for name, task in tasks.items() if needs <= task.model_validate({"task": name}).given()]
    possible = [name for name, task in tasks.items() if needs <= task.could_give(registry)]
    readers = [name for name, task in tasks.items() if record in task.records()]
    by_kind = {
        "pooling": "similarity",
        "posterior": "poem",
        "rhymes": "poem",
        "page": "ocr",
        "backbone": "image_classification",
        "network": "gan",
    }
    chains = ("crf", "memm", "bi_memm")
    fallback = "segmentation" if component.name in chains else by_kind.get(component.kind, "couplet")
    task = (*(fitting or possible), fallback)[0] if needs else (*readers, fallback)[0]
    text = f"task: {task}\n{example}\n{AROUND.get(f'{component.kind}/{component.name}', '')}"
    if component.kind == "metric":
        numbers = component.component.model_validate({"type": component.name}).numbers()  # type: ignore[attr-defined]  # a metric
        text += f"checkpoint: {{monitor: valid/{next(iter(numbers))}}}\n"
    return text


def test_every_example_loads(subtests: pytest.Subtests, tmp_path: Path) -> None:
    path = tmp_path / "example.yaml"
    for component in builtin_registry():
        with subtests.test(name(component)):
            path.write_text(config_for(component), encoding="utf-8")
            experiment = load_experiment(path, moved=True).experiment
            used: list[object] = [type(spec) for _, spec in components(experiment)]
            assert component.component in [*used, type(experiment)]
            assert isinstance(experiment, Experiment)
