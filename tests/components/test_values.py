"""What components need is given by something: by the table's names, and by some task."""

from __future__ import annotations

from nlpx.components.values import VALUES, described
from nlpx.core.component import builtin_registry
from nlpx.specs.experiment import Experiment


def test_every_value_is_in_the_table() -> None:
    registry = builtin_registry()
    used = {name for entry in registry for name in entry.component.needs | entry.component.gives}
    tasks = [entry.component for entry in registry if issubclass(entry.component, Experiment)]
    used |= {name for task in tasks for name in task.could_give(registry)}
    assert used == set(described(registry))
    introduced = [name for entry in registry for name in entry.component.introduces]
    assert not set(introduced) & set(VALUES)


def test_every_component_fits_some_task() -> None:
    registry = builtin_registry()
    tasks = [entry.component for entry in registry if issubclass(entry.component, Experiment)]
    given = [task.could_give(registry) for task in tasks]
    homeless = {e.name for e in registry if not any(e.component.needs <= names for names in given)}
    assert homeless == set()
