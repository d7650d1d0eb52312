"""The elements of a config: sections, and components, which are selected by `type` from a registry."""

from __future__ import annotations

import importlib
import inspect
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from types import ModuleType
from typing import Any, ClassVar, Self, get_args

from pydantic import (
    BaseModel,
    ConfigDict,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    ValidationInfo,
    model_validator,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, InitErrorDetails, PydanticCustomError, ValidationError, core_schema

from nlpx.core.suggest import nearest_first
from nlpx.errors import ConfigError

KIND = re.compile(r"\w+")
IMPLEMENTATION = re.compile(r"[^:\x00-\x1f]*:[^:\x00-\x1f]+")

COMPONENT_KIND = "x-nlpx-kind"


class Section(BaseModel):
    """A block of a config with fixed keys: unknown keys are rejected, values not coerced, objects frozen."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, defer_build=True)


class Component(Section):
    """A block of a config selected by `type: NAME`: options with ranges and defaults, and documentation.

    A class whose `type` is a literal is a component. A class without is the base of a kind: as an annotation
    it accepts every component of that kind, given as a mapping with `type`, or as a name, which selects the
    component with default options. The available names are those of the registry in the validation context,
    which includes plugins; without a context, those of the built-in components.

    `nlpx describe` prints the docstring. Its parts are, in this order: a summary with an optional formula,
    `Options:` (one line `name: text` per option), `Shapes:`, `Data:`, `Relations:`, `Reference:`, `Example:`.
    """

    kind: ClassVar[str]
    extra: ClassVar[str] = ""
    """The optional extra that the component needs, a key of nlpx.core.extras.EXTRAS."""
    aliases: ClassVar[tuple[str, ...]] = ()
    """Old names, which still work in configs."""
    needs: ClassVar[frozenset[str]] = frozenset()
    """Names of the values that the component reads, from nlpx.components.values."""
    gives: ClassVar[frozenset[str]] = frozenset()
    """Names of the values that the component provides."""
    introduces: ClassVar[Mapping[str, str]] = {}
    """Values that are not in nlpx.components.values: name -> description with shape."""
    structural: ClassVar[frozenset[str]] = frozenset({"type"})
    """Fields that are handled by the caller; all others are arguments of the implementation."""

    type: str

    def options(self) -> dict[str, object]:
        """The fields that are arguments of the implementation."""
        return {name: getattr(self, name) for name in type(self).model_fields if name not in self.structural}

    def prepare(self) -> Self:
        """A copy that has read the files in its options; components in its options are prepared as well.

        Must not import TensorFlow, because checking a config prepares every component that names a file.

        Raises:
            DataError: a file cannot be read or is invalid; the message lists all invalid lines.
        """
        options = ((name, getattr(self, name)) for name in type(self).model_fields)
        return self.model_copy(
            update={name: value.prepare() for name, value in options if isinstance(value, Component)}
        )

    @classmethod
    def type_name(cls) -> str | None:
        """The `type` of the class; None for the base of a kind."""
        values = get_args(cls.model_fields["type"].annotation) if "type" in cls.model_fields else ()
        return str(values[0]) if len(values) == 1 else None

    @model_validator(mode="before")
    @classmethod
    def _under_its_name(cls, value: object) -> object:
        key = cls.model_fields["type"].alias or "type"
        if isinstance(value, Mapping) and value.get(key) in cls.aliases:
            return {**value, key: cls.type_name()}
        return value

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        if cls.type_name() is not None:
            return handler(source)
        return core_schema.with_info_plain_validator_function(cls._of_kind)

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        # Only the registry knows the available components, so they are added by the schema of configs.
        return handler(schema) if cls.type_name() is not None else {COMPONENT_KIND: cls.kind}

    @classmethod
    def _of_kind(cls, value: object, info: ValidationInfo) -> Component:
        if isinstance(value, cls):
            return value
        if isinstance(value, str):
            value = {"type": value}
        if not isinstance(value, Mapping):
            raise PydanticCustomError(
                "component", "a {kind} is a name or a mapping with a `type`", {"kind": cls.kind}
            )
        name = value.get("type")
        if not isinstance(name, str):
            raise PydanticCustomError("component_type", "this {kind} has no `type`", {"kind": cls.kind})
        registry: Registry = info.context if info.context is not None else builtin_registry()
        try:
            entry = registry.find(cls.kind, name)
        except UnknownComponent as error:
            unknown = PydanticCustomError(
                "unknown_component",
                "there is no {kind} called {name}",
                {"kind": cls.kind, "name": name, "known": ", ".join(error.names)},
            )
            details = InitErrorDetails(type=unknown, loc=("type",), input=name)
            raise ValidationError.from_exception_data(cls.kind, [details]) from None
        return entry.component.model_validate(value, context=info.context)


class Split(Component):
    """A component whose implementation is in another file, because it is a subclass of a Keras class. It is
    imported when it is built.
    """

    implementation: ClassVar[str] = ""
    """Location of the implementation: `module:attribute`; `:attribute` in the same module;
    `file.py:attribute` next to a plugin file. Empty: the Keras layer in `NAME_layer.py`, next to `NAME.py`.
    """


class UnknownComponent(LookupError):
    """No component of this kind has this name; `names` lists those that exist."""

    def __init__(self, kind: str, name: str, names: Sequence[str]) -> None:
        super().__init__(kind, name)
        self.kind, self.name, self.names = kind, name, names

    def __str__(self) -> str:
        return f"there is no {self.kind} called {self.name!r}; known: {', '.join(self.known)}"

    @property
    def known(self) -> list[str]:
        """The existing names, closest first."""
        return nearest_first(self.name, self.names)


@dataclass(frozen=True)
class Entry:
    """A component in the registry."""

    kind: str
    name: str
    component: type[Component]

    @property
    def where(self) -> str:
        """`file:line` of the class."""
        return where(self.component)

    @property
    def implementation(self) -> str:
        """Location of the implementation if it is separate."""
        if not issubclass(self.component, Split):
            return ""
        return self.component.implementation or str(layer_file(self.component))


class Registry:
    """An immutable set of components, addressed by kind and name."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._entries = list(entries)
        self._by_name: dict[tuple[str, str], Entry] = {}
        for entry in self._entries:
            for name in (entry.name, *entry.component.aliases):
                if other := self._by_name.get((entry.kind, name)):
                    raise ConfigError(
                        f"{entry.kind}/{name} is registered twice:\n"
                        f"  {other.where}\n  {entry.where}\nRename one of them."
                    )
                self._by_name[entry.kind, name] = entry

    def __iter__(self) -> Iterator[Entry]:
        return iter(self._entries)

    @property
    def kinds(self) -> list[str]:
        return sorted({entry.kind for entry in self})

    def names(self, kind: str) -> list[str]:
        return sorted(entry.name for entry in self if entry.kind == kind)

    def find(self, kind: str, name: str) -> Entry:
        """The component with a name or alias; raises UnknownComponent with the closest names first."""
        try:
            return self._by_name[kind, name]
        except KeyError:
            raise UnknownComponent(kind, name, self.names(kind)) from None


class BuiltinRegistry(Registry):
    """The built-in components. One that has the name of its file is found without importing the others, and
    one of several in a file without importing other kinds.
    """

    def __init__(self) -> None:
        super().__init__(())
        self._found: dict[tuple[str, str], Entry] = {}

    @cached_property
    def _all(self) -> Registry:
        return Registry(entry for module in _builtin_modules() for entry in _entries_in(module))

    def __iter__(self) -> Iterator[Entry]:
        return iter(self._all)

    def find(self, kind: str, name: str) -> Entry:
        if (kind, name) not in self._found:
            self._found[kind, name] = self._sought(kind, name)
        return self._found[kind, name]

    def _sought(self, kind: str, name: str) -> Entry:
        named = [module for module in _builtin_modules() if name in module.split(".")[-2:]]
        for module in [*named, *_modules_of(kind)]:
            for entry in _entries_in(module):
                if entry.kind == kind and name in (entry.name, *entry.component.aliases):
                    return entry
        raise UnknownComponent(kind, name, self.names(kind))

    def names(self, kind: str) -> list[str]:
        found = (entry for module in _modules_of(kind) for entry in _entries_in(module))
        return sorted(entry.name for entry in found if entry.kind == kind)


@cache
def builtin_registry() -> Registry:
    """The built-in components."""
    return BuiltinRegistry()


@cache
def _builtin_modules() -> list[str]:
    """The configs of tasks and the options of other components, which do not import TensorFlow."""
    package = Path(__file__).parents[1]
    files = sorted([*package.glob("components/*/*.py"), *package.glob("tasks/*/config.py")])
    names = (file.relative_to(package.parent).with_suffix("").parts for file in files)
    return [".".join(name) for name in names if not name[-1].endswith("_layer")]


def _modules_of(kind: str) -> list[str]:
    """The modules of a kind, which are in a folder with its name, in the plural."""
    folders = {kind, f"{kind}s", f"{kind}es"}
    return [module for module in _builtin_modules() if folders & {*module.split(".")[-3:-1]}]


def _entries_in(module: str) -> Iterator[Entry]:
    return entries_of(importlib.import_module(module))


def entries_of(module: ModuleType) -> Iterator[Entry]:
    """All components that are defined, not only imported, in a module, and whose classes are public.

    Raises:
        ConfigError: a class of a plugin is not a valid component.
    """
    for public, value in vars(module).items():
        if public.startswith("_") or not inspect.isclass(value):
            continue
        if issubclass(value, Component) and value.__module__ == module.__name__:
            name = value.type_name()
            if name is None:
                continue
            wrong = "" if is_own(value) else _unfit(value)
            if wrong:
                raise ConfigError(f"{module.__file__}: the component {name!r} ({value.__name__}) {wrong}.")
            yield Entry(value.kind, name, value)


def is_own(component: type[Component]) -> bool:
    """Whether a component is built in."""
    return component.__module__.startswith("nlpx.")


def layer_file(component: type[Split]) -> Path:
    """The default file of the layer, next to the file of the options."""
    file = Path(str(inspect.getsourcefile(component)))
    return file.with_name(f"{file.stem}_layer.py")


def _unfit(component: type[Component]) -> str:
    """Why a class of a plugin is not a valid component, or an empty string."""
    derive = "Derive it from Encoder, Head, Trick, ..."
    wanted = [("kind", KIND, "a word such as 'encoder'")]
    if issubclass(component, Split) and component.implementation != "":
        forms = "'module:attribute', ':attribute', 'file.py:attribute' or nothing"
        wanted.append(("implementation", IMPLEMENTATION, forms))
    for attribute, form, expected in wanted:
        value = getattr(component, attribute, None)
        if value is None:
            return f"has no `{attribute}`. {derive}"
        if not isinstance(value, str) or form.fullmatch(value) is None:
            return f"has the {attribute} {value!r:.100}, expected {expected}. {derive}"
    try:
        inspect.getsourcelines(component)
    except (OSError, TypeError):
        return "has no source code in its file; it may have been created by exec(). Define it there"
    return ""


def where(component: type[Component]) -> str:
    """`file:line` of a component class, or only the file or the module if unknown."""
    try:
        return f"{inspect.getsourcefile(component)}:{inspect.getsourcelines(component)[1]}"
    except (OSError, TypeError):
        module = component.__module__
        return str(getattr(sys.modules.get(module), "__file__", None) or module)
