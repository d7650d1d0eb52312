"""The layers of all components, as the harness of layers wants them: with default options, and with all others."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Any, Literal, get_args, get_origin

import keras
import numpy as np
import tensorflow as tf
from pydantic import TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

from nlpx.components.backbones.base import Backbone
from nlpx.components.encoders.base import Encoder
from nlpx.components.networks.base import Network, Shape
from nlpx.core.build import build, implementation
from nlpx.core.component import Registry, Split
from tests.layers.harness import Contract, Inputs, MakeInputs, check_layer, normal

WIDTHS = (8, 6, *range(1, 129))
VALUES: tuple[object, ...] = (True, False, 0.3, 0.6, 2, 3, 4, [2, 3], "a", "b")
"""Tried in this order for an option; the first that is allowed, and not the default, is taken."""


@dataclass(frozen=True)
class Kind:
    """How the layers of a kind are built and called.

    Attributes:
        contract: of a component.
        more: what the caller adds to the options.
    """

    contract: Callable[[Any], Contract]
    more: Callable[[Any], Mapping[str, object]] = lambda component: {"name": "layer"}


def _nll(layer: keras.layers.Layer, outputs: Any, mask: tf.Tensor) -> tf.Tensor:
    return tf.reduce_sum(layer.nll(outputs, tf.zeros_like(mask, tf.int32), mask))


def _width(component: Encoder) -> int:
    """The first width that an encoder takes."""
    for width in WIDTHS:
        try:
            component.width(width)
        except ValueError:
            continue
        return width
    raise AssertionError(f"{component} takes no width up to {WIDTHS[-1]}")


def _rows(rng: np.random.Generator, batch: int, length: int) -> Inputs:
    return (rng.normal(size=(batch, 5)).astype(np.float32),)


def _images(component: Backbone) -> MakeInputs:
    def make(rng: np.random.Generator, batch: int, length: int) -> Inputs:
        edge = max(component.smallest, 9)
        return (rng.integers(0, 256, (batch, edge, edge, 3)).astype(np.float32),)

    return make


def _shapes(component: Network) -> tuple[Shape, Shape]:
    """The first shapes that a network goes between."""
    for inputs, outputs in (
        ((5,), (3,)),
        ((8, 8, 2), ()),
        ((4,), (8, 8, 2)),
        ((8, 8, 2), (3,)),
        ((14, 14, 2), ()),
    ):
        try:
            component.expect(inputs, outputs)
        except ValueError:
            continue
        return inputs, outputs
    raise AssertionError(f"{component} goes between no shapes")


def _arrays(component: Network) -> MakeInputs:
    def make(rng: np.random.Generator, batch: int, length: int) -> Inputs:
        return (rng.normal(size=(batch, *_shapes(component)[0])).astype(np.float32),)

    return make


HEAD = Contract(normal(4), zeros=False, float32=True, objective=_nll)
ROWS = Contract(_rows, "rows", sequence=False, positions=False, zeros=False, float32=True)
KINDS: Mapping[str, Kind] = {
    "encoder": Kind(lambda component: Contract(normal(_width(component)))),
    "head": Kind(lambda component: HEAD, lambda component: {"name": "head", "units": 3}),
    "pooling": Kind(lambda component: Contract(normal(4), positions=False)),
    "posterior": Kind(lambda component: ROWS, lambda component: {"name": "z", "units": 3}),
    "backbone": Kind(
        lambda component: replace(ROWS, inputs=_images(component), mask=None, float32=False, noise=0.01),
        lambda component: {},
    ),
    "network": Kind(
        lambda component: replace(ROWS, inputs=_arrays(component), mask=None, float32=False, noise=0.01),
        lambda component: {"name": "layer", "outputs": _shapes(component)[1]},
    ),
}
"""What is a layer; components of other kinds that a plugin brings are none, as far as is known here."""


def layers_of(registry: Registry) -> Iterator[Split]:
    """Every component that is a layer, with its default options and with as many others as there are."""
    for entry in registry:
        if entry.kind in KINDS and issubclass(entry.component, Split):
            yield from _variants(entry.component)


def check_component(component: Split) -> None:
    """Its constructor takes its options, and its layer keeps the promises of its kind."""
    kind = KINDS[component.kind]
    more = kind.more(component)
    _check_constructor(type(component), {*more})
    # Both variants have the same operations to compile; the last one has more of them.
    last = component == _variants(type(component))[-1]
    check_layer(lambda: build(component, **more), kind.contract(component), compiled=last)


def _variants(component: type[Split]) -> list[Split]:
    found = [_options(component, only_required=only_required) for only_required in (True, False)]
    return [component.model_validate(options) for options in found[: 1 + (found[0] != found[1])]]


def _check_constructor(component: type[Split], added: set[str]) -> None:
    """Options and parameters are the same, but for those that the caller adds; no two defaults differ."""
    parameters = inspect.signature(implementation(component)).parameters
    options = {n: f for n, f in component.model_fields.items() if n not in component.structural}
    assert set(options) <= set(parameters)
    empty = inspect.Parameter.empty
    for name, parameter in parameters.items():
        if parameter.kind not in (inspect.Parameter.VAR_KEYWORD, inspect.Parameter.VAR_POSITIONAL):
            assert name in {*options, *added} or parameter.default is not empty, f"{name} comes from nowhere"
    for name, option in options.items():
        assert parameters[name].default in (empty, option.get_default()), f"{name} has two defaults"


def _options(component: type[Split], only_required: bool) -> dict[str, object]:
    """Options that are allowed, by name: those without a default, or all that can have another value."""
    found: dict[str, object] = {"type": component.type_name()}
    for name, option in component.model_fields.items():
        if name not in component.structural and (option.is_required() or not only_required):
            values = _values(option)
            if values:
                found[name] = values[0]
    return found


def _values(option: FieldInfo) -> list[object]:
    """Values of an option that are not its default."""
    annotation: Any = Annotated[option.annotation, *option.metadata] if option.metadata else option.annotation
    forms = (option.annotation, *get_args(option.annotation))
    literals = [value for form in forms if get_origin(form) is Literal for value in get_args(form)]
    adapter = TypeAdapter(annotation)

    def allowed(value: object) -> bool:
        try:
            adapter.validate_python(value, strict=True)
        except ValidationError:
            return False
        return True

    return [value for value in (*literals, *VALUES) if value != option.default and allowed(value)]
