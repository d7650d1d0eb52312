"""Build the implementation of a component that is in a separate file."""

from __future__ import annotations

import importlib
import inspect
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

from nlpx.core.component import Component, Split, is_own, layer_file, where
from nlpx.core.plugins import describe, import_file, is_plugin_file, plugin_fault
from nlpx.errors import ConfigError, NlpxError


def build(component: Split, **more: object) -> Any:
    """Import the implementation of a component and call it with the options of the component and `more`.

    Options that are components are built, or prepared, first.

    Raises:
        ConfigError: the implementation of a plugin component is missing or cannot be built.
    """
    options = {name: _ready(value) for name, value in component.options().items()}
    made = implementation(type(component))
    try:
        return made(**options, **more)
    except BaseException as error:
        if is_own(type(component)) or isinstance(error, (NlpxError, KeyboardInterrupt)):
            raise
        # The traceback of a call with wrong arguments does not contain the plugin.
        raise plugin_fault(error) or ConfigError(
            f"{where(type(component))}: {component.kind}/{component.type} cannot be built with the options "
            f"{', '.join([*options, *more])}: {describe(error)}. "
            f"{implementation_name(type(component))} must accept these arguments."
        ) from error


def _ready(option: object) -> object:
    if isinstance(option, Split):
        return build(option)
    return option.prepare() if isinstance(option, Component) else option


def implementation(component: type[Split]) -> type:
    """The class or function that builds a component.

    Raises:
        ConfigError: a plugin names an implementation that does not exist or cannot be imported.
    """
    module_name, _, attribute = component.implementation.partition(":")
    try:
        if not component.implementation:
            return _only_layer(_import_beside(component))
        if not module_name:
            module = sys.modules[component.__module__]
        elif module_name.endswith(".py"):
            module = import_file(beside(component, module_name))
        else:
            module = importlib.import_module(module_name)
        return getattr(module, attribute)
    except BaseException as error:
        if is_own(component) or isinstance(error, (NlpxError, KeyboardInterrupt)):
            raise
        raise plugin_fault(error) or ConfigError(
            f"{where(component)}: the implementation {implementation_name(component)} cannot be imported: "
            f"{describe(error)}"
        ) from error


def implementation_name(component: type[Split]) -> str:
    """The name of the implementation in messages."""
    return component.implementation or layer_file(component).name


def beside(component: type[Split], name: str) -> Path:
    """The path of a file relative to the file of a component."""
    return Path(str(inspect.getsourcefile(component))).parent / name


def _import_beside(component: type[Split]) -> ModuleType:
    """The module `NAME_layer` next to the module `NAME` of a component."""
    if is_plugin_file(component.__module__):
        return import_file(layer_file(component))
    return importlib.import_module(f"{component.__module__}_layer")


def _only_layer(module: ModuleType) -> type:
    """The only public Keras layer that a module defines."""
    from keras.layers import Layer

    found = [
        value
        for name, value in vars(module).items()
        if inspect.isclass(value) and issubclass(value, Layer) and value.__module__ == module.__name__
        if not name.startswith("_")
    ]
    if len(found) != 1:
        names = ", ".join(layer.__name__ for layer in found) or "none"
        raise ConfigError(
            f"{module.__file__}: expected one public subclass of keras.layers.Layer, found {names}. "
            "Start the names of others with an underscore, or set "
            'implementation = "file.py:Class".'
        )
    return found[0]
