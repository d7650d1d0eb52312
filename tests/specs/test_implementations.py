"""Options and constructors agree. Imports every implementation, and with them TensorFlow."""

from __future__ import annotations

import inspect

import pytest

from nlpx.registry import Component, builtin_registry, implementation
from nlpx.specs.base import Spec
from tests.specs.test_document import name

CONTEXT = {
    "backbone": set(),
    "encoder": set(),
    "posterior": {"units"},
    "head": {"units", "tied_to", "transition_mask", "start_mask", "stop_mask"},
    "metric": set(),
    "loss": set(),
    "optimizer": set(),
    "observer": set(),
    "schedule": {"peak", "total_updates"},
    "trick": set(),
    "decoder": set(),
    "source": {"root", "task"},
    "pooling": set(),
    "rhymes": set(),
}
"""Arguments that the caller adds to the options, by kind."""

COMPONENTS = [component for component in builtin_registry() if component.kind != "task"]
"""A task is given its whole config; all others are given options."""


def parameters(component: Component) -> dict[str, inspect.Parameter]:
    signature = inspect.signature(implementation(component.spec))
    kinds = (inspect.Parameter.VAR_KEYWORD, inspect.Parameter.VAR_POSITIONAL)
    return {key: value for key, value in signature.parameters.items() if value.kind not in kinds}


def options(spec: type[Spec]) -> set[str]:
    return set(spec.model_fields) - spec.structural


@pytest.mark.parametrize("component", list(builtin_registry()), ids=name)
def test_the_implementation_exists(component: Component) -> None:
    assert callable(implementation(component.spec))


@pytest.mark.parametrize("component", COMPONENTS, ids=name)
def test_every_option_is_a_parameter(component: Component) -> None:
    assert options(component.spec) <= set(parameters(component))


@pytest.mark.parametrize("component", COMPONENTS, ids=name)
def test_every_parameter_is_an_option_or_comes_from_the_caller(component: Component) -> None:
    found = parameters(component)
    if component.kind == "optimizer":
        # Keras optimizers have many more; those without an option keep Keras's default.
        found = {key: value for key, value in found.items() if value.default is inspect.Parameter.empty}
    assert set(found) - options(component.spec) <= CONTEXT[component.kind]


@pytest.mark.parametrize("component", COMPONENTS, ids=name)
def test_defaults_are_equal(component: Component) -> None:
    found = parameters(component)
    different = {
        option: (field.default, found[option].default)
        for option, field in component.spec.model_fields.items()
        if option in options(component.spec)
        and not field.is_required()
        and found[option].default not in (field.default, inspect.Parameter.empty)
        # A constructor writes an empty mapping as None.
        and (found[option].default, field.default) != (None, {})
    }
    assert different == {}
