"""Options and constructors agree. Imports every implementation, and with them TensorFlow."""

from __future__ import annotations

import inspect

import pytest

from nlpx.core.build import implementation
from nlpx.core.component import Component, Entry, Split, builtin_registry
from tests.specs.test_document import name

COMPONENTS = [
    c
    for c in builtin_registry()
    if issubclass(c.component, Split) and c.component.implementation and c.kind != "task"
]
"""Those in two halves, but for layers: tests/components/test_layers.py. A task is given its whole config."""


def parameters(component: Entry) -> dict[str, inspect.Parameter]:
    assert issubclass(component.component, Split)
    signature = inspect.signature(implementation(component.component))
    kinds = (inspect.Parameter.VAR_KEYWORD, inspect.Parameter.VAR_POSITIONAL)
    return {key: value for key, value in signature.parameters.items() if value.kind not in kinds}


def options(spec: type[Component]) -> set[str]:
    return set(spec.model_fields) - spec.structural


def test_options_are_the_parameters_with_the_same_defaults(subtests: pytest.Subtests) -> None:
    for component in COMPONENTS:
        with subtests.test(name(component)):
            found = parameters(component)
            assert set(found) == options(component.component)
            different = {
                option: (field.default, found[option].default)
                for option, field in component.component.model_fields.items()
                if option in options(component.component)
                and not field.is_required()
                and found[option].default not in (field.default, inspect.Parameter.empty)
                # A constructor writes an empty mapping as None.
                and (found[option].default, field.default) != (None, {})
            }
            assert different == {}
