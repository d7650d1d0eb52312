"""Which components exist: kind and name -> spec -> implementation.

A registry is a value: the specs that ship with nlpx, those of installed packages (entry points in the group
`nlpx.components`) and those of the plugin files a config includes. Building one imports no TensorFlow;
an implementation is imported when it is built.
"""

from __future__ import annotations

import difflib
import importlib
import importlib.metadata
import inspect
import pkgutil
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType

from nlpx.core.plugins import describe, import_file, plugin_fault, register_package
from nlpx.errors import ConfigError, EnvironmentProblem, NlpxError
from nlpx.specs.base import Spec, spec_name

ENTRY_POINT_GROUP = "nlpx.components"
OWN_SPECS = "nlpx.specs."
KIND = re.compile(r"\w+")
IMPLEMENTATION = re.compile(r"[^:\x00-\x1f]*:[^:\x00-\x1f]+")


class UnknownComponent(LookupError):
    """No component of this kind has this name; `names` lists those that exist."""

    def __init__(self, kind: str, name: str, names: Sequence[str]) -> None:
        super().__init__(kind, name)
        self.kind, self.name, self.names = kind, name, names

    def __str__(self) -> str:
        return f"there is no {self.kind} called {self.name!r}; known: {', '.join(self.known)}"

    @property
    def known(self) -> list[str]:
        """Those that exist, the nearest first."""
        near = difflib.get_close_matches(self.name, self.names, n=3, cutoff=0.5)
        return [*near, *(other for other in self.names if other not in near)]


@dataclass(frozen=True)
class Component:
    """One registered spec."""

    kind: str
    name: str
    spec: type[Spec]

    @property
    def where(self) -> str:
        """`file:line` of the spec class."""
        return where(self.spec)


class Registry:
    """An immutable set of components, addressed by kind and name."""

    def __init__(self, components: Iterable[Component]) -> None:
        self._components: dict[tuple[str, str], Component] = {}
        for component in components:
            key = component.kind, component.name
            if key in self._components:
                raise ConfigError(
                    f"{component.kind}/{component.name} is registered twice:\n"
                    f"  {self._components[key].where}\n  {component.where}\nRename one of them."
                )
            self._components[key] = component

    def __iter__(self) -> Iterator[Component]:
        return iter(self._components.values())

    @property
    def kinds(self) -> list[str]:
        return sorted({kind for kind, _ in self._components})

    def names(self, kind: str) -> list[str]:
        return sorted(name for other, name in self._components if other == kind)

    def find(self, kind: str, name: str) -> Component:
        """The component; raises UnknownComponent with the nearest names first."""
        try:
            return self._components[kind, name]
        except KeyError:
            raise UnknownComponent(kind, name, self.names(kind)) from None


def build(spec: Spec, **more: object) -> object:
    """Import the implementation of a spec and call it with the spec's options and `more`.

    An option that is a component itself is built first.

    Raises:
        ConfigError: a component of a plugin whose implementation is missing or cannot be built.
    """
    options = {
        name: build(value) if isinstance(value, Spec) else value for name, value in spec.options().items()
    }
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


def implementation(spec: type[Spec]) -> type:
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


def is_own(spec: type[Spec]) -> bool:
    """Whether a spec ships with nlpx."""
    return spec.__module__.startswith(OWN_SPECS)


def beside(spec: type[Spec], name: str) -> Path:
    """The path of a file that a plugin names relative to itself."""
    return Path(str(inspect.getsourcefile(spec))).parent / name


def where(spec: type[Spec]) -> str:
    """`file:line` of a spec class; the file or the module alone where no more is known."""
    try:
        return f"{inspect.getsourcefile(spec)}:{inspect.getsourcelines(spec)[1]}"
    except (OSError, TypeError):
        return str(getattr(sys.modules.get(spec.__module__), "__file__", None) or spec.__module__)


def components_of(module: ModuleType) -> Iterator[Component]:
    """Every concrete spec that is defined (not merely imported) in a module.

    Raises:
        ConfigError: a spec of a plugin that cannot be a component.
    """
    for value in vars(module).values():
        if inspect.isclass(value) and issubclass(value, Spec) and value.__module__ == module.__name__:
            name = spec_name(value)
            if name is None:
                continue
            wrong = "" if is_own(value) else _unfit(value)
            if wrong:
                raise ConfigError(f"{module.__file__}: the component {name!r} ({value.__name__}) {wrong}.")
            yield Component(value.kind, name, value)


def _unfit(spec: type[Spec]) -> str:
    """Why a spec of a plugin cannot be a component, and what is expected; empty where it can."""
    derive = "Derive it from EncoderSpec, HeadSpec, ... and name its implementation"
    for attribute, form, expected in (
        ("kind", KIND, "a word such as 'encoder'"),
        ("implementation", IMPLEMENTATION, "'module:attribute', ':attribute' or 'file.py:attribute'"),
    ):
        value = getattr(spec, attribute, None)
        if value is None:
            return f"has no `{attribute}`. {derive}"
        if not isinstance(value, str) or form.fullmatch(value) is None:
            return f"has the {attribute} {value!r:.100}, expected {expected}. {derive}"
    try:
        inspect.getsourcelines(spec)
    except (OSError, TypeError):
        return "does not stand in the text of its file: it is made by exec(), say. Write its class out there"
    return ""


@cache
def builtin_registry() -> Registry:
    """The components that ship with nlpx."""
    return Registry(_builtin_components())


def load_registry(includes: Sequence[Path] = ()) -> Registry:
    """The built-in components, those of installed packages, and those of plugin files, in this order.

    Raises:
        ConfigError: a plugin file that cannot be imported, or a name that is registered twice.
        EnvironmentProblem: an installed package whose entry point cannot be imported.
    """
    modules = [*_entry_point_modules(), *(import_file(path) for path in dict.fromkeys(includes))]
    if not modules:
        return builtin_registry()
    added = (component for module in dict.fromkeys(modules) for component in components_of(module))
    return Registry([*_builtin_components(), *added])


def _builtin_components() -> Iterator[Component]:
    import nlpx.specs

    for found in pkgutil.walk_packages(nlpx.specs.__path__, OWN_SPECS):
        yield from components_of(importlib.import_module(found.name))


def _entry_point_modules() -> Iterator[ModuleType]:
    for point in importlib.metadata.entry_points(group=ENTRY_POINT_GROUP):
        try:
            module = importlib.import_module(point.module)
        except BaseException as error:
            if isinstance(error, KeyboardInterrupt):
                raise
            raise EnvironmentProblem(
                f"the installed components {point.name!r} ({point.module}) cannot be imported: "
                f"{describe(error)}. Reinstall or remove that package."
            ) from error
        register_package(module)
        yield module
