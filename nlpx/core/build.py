"""From a component to its implementation, for kinds whose implementation stands in another file."""

from __future__ import annotations

import importlib
import inspect
import sys
from pathlib import Path

from nlpx.core.component import Component, Split, is_own, where
from nlpx.core.plugins import describe, import_file, plugin_fault
from nlpx.errors import ConfigError, NlpxError


def build(spec: Split, **more: object) -> object:
    """Import the implementation of a spec and call it with the spec's options and `more`.

    An option that is a component itself is built, or prepared, first.

    Raises:
        ConfigError: a component of a plugin whose implementation is missing or cannot be built.
    """
    options = {name: _ready(value) for name, value in spec.options().items()}
    made = implementation(type(spec))
    try:
        return made(**options, **more)
    except BaseException as error:
        if is_own(type(spec)) or isinstance(error, (NlpxError, KeyboardInterrupt)):
            raise
        # A call with the wrong arguments passes through no line of the plugin.
        raise plugin_fault(error) or ConfigError(
            f"{where(type(spec))}: {spec.kind}/{spec.type} cannot be built with the options "
            f"{', '.join([*options, *more])}: {describe(error)}. Let {spec.implementation} take these."
        ) from error


def _ready(option: object) -> object:
    if isinstance(option, Split):
        return build(option)
    return option.prepare() if isinstance(option, Component) else option


def implementation(spec: type[Split]) -> type:
    """The class or function that a spec names.

    Raises:
        ConfigError: a spec of a plugin names something that is not there or cannot be imported.
    """
    module_name, _, attribute = spec.implementation.partition(":")
    try:
        if not module_name:
            module = sys.modules[spec.__module__]
        elif module_name.endswith(".py"):
            module = import_file(beside(spec, module_name))
        else:
            module = importlib.import_module(module_name)
        return getattr(module, attribute)
    except BaseException as error:
        if is_own(spec) or isinstance(error, (NlpxError, KeyboardInterrupt)):
            raise
        raise plugin_fault(error) or ConfigError(
            f"{where(spec)}: the implementation {spec.implementation} cannot be imported: {describe(error)}"
        ) from error


def beside(spec: type[Split], name: str) -> Path:
    """The path of a file that a plugin names relative to itself."""
    return Path(str(inspect.getsourcefile(spec))).parent / name
