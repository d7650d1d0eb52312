"""Which components exist: kind and name -> spec -> implementation.

A registry is a value: the specs that ship with nlpx, those of installed packages (entry points in the group
`nlpx.components`) and those of the plugin files a config includes. Building one imports no TensorFlow;
an implementation is imported when it is built.
"""

from __future__ import annotations

import difflib
import hashlib
import importlib
import importlib.metadata
import importlib.util
import inspect
import pkgutil
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType

from nlpx.errors import ConfigError, EnvironmentProblem
from nlpx.specs.base import Spec, spec_name

ENTRY_POINT_GROUP = "nlpx.components"

PLUGIN_ERRORS = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    ImportError,
    LookupError,
    NameError,
    OSError,
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
)
"""What importing somebody else's module may raise; pydantic's complaints about a class are among them."""


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
        return f"{inspect.getsourcefile(self.spec)}:{inspect.getsourcelines(self.spec)[1]}"


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
    """
    options = {
        name: build(value) if isinstance(value, Spec) else value for name, value in spec.options().items()
    }
    return implementation(type(spec))(**options, **more)


def implementation(spec: type[Spec]) -> type:
    """The class or function that a spec names."""
    module_name, _, attribute = spec.implementation.partition(":")
    if not module_name:
        module = sys.modules[spec.__module__]
    elif module_name.endswith(".py"):
        source = inspect.getsourcefile(spec)
        module = import_file(Path(str(source)).parent / module_name)
    else:
        module = importlib.import_module(module_name)
    return getattr(module, attribute)


def components_of(module: ModuleType) -> Iterator[Component]:
    """Every concrete spec that is defined (not merely imported) in a module.

    Raises:
        ConfigError: a spec that lacks its kind or its implementation.
    """
    for value in vars(module).values():
        if inspect.isclass(value) and issubclass(value, Spec) and value.__module__ == module.__name__:
            name = spec_name(value)
            if name is None:
                continue
            for attribute in ("kind", "implementation"):
                if not hasattr(value, attribute):
                    raise ConfigError(
                        f"{module.__file__}: the component {name!r} ({value.__name__}) has no `{attribute}`. "
                        "Derive it from EncoderSpec, HeadSpec, ... and name its implementation."
                    )
            yield Component(value.kind, name, value)


def import_file(path: Path) -> ModuleType:
    """Import a Python file under a name derived from its path; the same path gives the same module.

    Raises:
        ConfigError: there is no such file, or importing it fails.
    """
    path = path.resolve()
    name = f"nlpx_plugin_{path.stem}_{hashlib.sha256(str(path).encode()).hexdigest()[:8]}"
    if name in sys.modules:
        return sys.modules[name]
    if not path.is_file():
        raise ConfigError(f"{path}: there is no such plugin file. Check `include`.")
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ConfigError(f"{path}: this plugin is not a Python file (.py). Check `include`.")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except PLUGIN_ERRORS as error:
        del sys.modules[name]
        raise ConfigError(
            f"{path}: this plugin cannot be imported: {type(error).__name__}: {error}"
        ) from error
    return module


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

    for found in pkgutil.walk_packages(nlpx.specs.__path__, "nlpx.specs."):
        yield from components_of(importlib.import_module(found.name))


def _entry_point_modules() -> Iterator[ModuleType]:
    for point in importlib.metadata.entry_points(group=ENTRY_POINT_GROUP):
        try:
            yield importlib.import_module(point.module)
        except PLUGIN_ERRORS as error:
            raise EnvironmentProblem(
                f"the installed components {point.name!r} ({point.module}) cannot be imported: "
                f"{type(error).__name__}: {error}. Reinstall or remove that package."
            ) from error
