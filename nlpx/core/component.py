"""What a config file can say: sections, and components, which are chosen by their `type` in a registry."""

from __future__ import annotations

import difflib
import importlib
import inspect
import pkgutil
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
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

from nlpx.errors import ConfigError

TASKS = "nlpx.tasks"
PACKAGES = ("nlpx.components", "nlpx.specs", TASKS)
"""Where the components that ship with nlpx lie. Every module is imported, so none imports TensorFlow."""

KIND = re.compile(r"\w+")
IMPLEMENTATION = re.compile(r"[^:\x00-\x1f]*:[^:\x00-\x1f]+")

COMPONENT_KIND = "x-nlpx-kind"


class Section(BaseModel):
    """A fixed block of a config file: unknown keys are refused, values never coerced, objects frozen."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Component(Section):
    """A part that `type: NAME` picks: its options, their ranges and defaults, and its documentation.

    A class whose `type` is a literal is a component. One without is the base of a kind: an annotation with it
    accepts every component of that kind, given as a mapping with `type`, or as a bare name, which stands for
    the component with its defaults. Which names exist is asked of the registry that the validation context
    carries, so that plugins take part; without one, of the components that ship with nlpx.

    The docstring is what `nlpx describe` prints, in a fixed order: what it computes, then the parts
    `Options:` (one line `name: text` an option), `Shapes:`, `Data:`, `Relations:`, `Reference:`, `Example:`.
    """

    kind: ClassVar[str]
    extra: ClassVar[str] = ""
    """The optional extra of nlpx that the component needs, a key of nlpx.core.extras.EXTRAS."""
    aliases: ClassVar[tuple[str, ...]] = ()
    """Other names that configs may call it by: those it had before."""
    needs: ClassVar[frozenset[str]] = frozenset()
    """Names of the values that it reads, of the table nlpx.components.values."""
    gives: ClassVar[frozenset[str]] = frozenset()
    """Names of the values that it brings."""
    structural: ClassVar[frozenset[str]] = frozenset({"type"})
    """Fields that the caller acts on; all others are arguments of what the component builds."""

    type: str

    def options(self) -> dict[str, object]:
        """The fields that become arguments of what the component builds."""
        return {name: getattr(self, name) for name in type(self).model_fields if name not in self.structural}

    def prepare(self) -> Self:
        """A copy for one use, with the files read that the options name; its components are prepared too.

        Nothing heavy is imported: a check of a config prepares every component that names a file.

        Raises:
            DataError: a file cannot be read, or is wrong; every wrong line is named.
        """
        options = ((name, getattr(self, name)) for name in type(self).model_fields)
        return self.model_copy(
            update={name: value.prepare() for name, value in options if isinstance(value, Component)}
        )

    @classmethod
    def type_name(cls) -> str | None:
        """The `type` that the class answers to; None for the base of a kind."""
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
        # Which components there are is known to the registry alone: the schema of a config puts them in.
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
    """A component whose code stands in another file than its options: it subclasses a class of the framework,
    which is imported when it is built.
    """

    implementation: ClassVar[str] = ""
    """Empty: the one class of Keras in `NAME_layer.py`, beside this `NAME.py`. Otherwise where it is:
    `module:attribute`; `:attribute` in this very module; `file.py:attribute` beside a plugin file.
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
        """Those that exist, the nearest first."""
        near = difflib.get_close_matches(self.name, self.names, n=3, cutoff=0.5)
        return [*near, *(other for other in self.names if other not in near)]


@dataclass(frozen=True)
class Entry:
    """A component as the registry holds it."""

    kind: str
    name: str
    component: type[Component]

    @property
    def where(self) -> str:
        """`file:line` of the class."""
        return where(self.component)

    @property
    def implementation(self) -> str:
        """Where the code is, if not there too."""
        if not issubclass(self.component, Split):
            return ""
        return self.component.implementation or str(layer_file(self.component))


class Registry:
    """An immutable set of components, addressed by kind and name."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._entries: dict[tuple[str, str], Entry] = {}
        self._by_name: dict[tuple[str, str], Entry] = {}
        for entry in entries:
            self._entries[entry.kind, entry.name] = entry
            for name in (entry.name, *entry.component.aliases):
                if other := self._by_name.get((entry.kind, name)):
                    raise ConfigError(
                        f"{entry.kind}/{name} is registered twice:\n"
                        f"  {other.where}\n  {entry.where}\nRename one of them."
                    )
                self._by_name[entry.kind, name] = entry

    def __iter__(self) -> Iterator[Entry]:
        return iter(self._entries.values())

    @property
    def kinds(self) -> list[str]:
        return sorted({kind for kind, _ in self._entries})

    def names(self, kind: str) -> list[str]:
        return sorted(name for other, name in self._entries if other == kind)

    def find(self, kind: str, name: str) -> Entry:
        """The component of a name or alias; raises UnknownComponent with the nearest names first."""
        try:
            return self._by_name[kind, name]
        except KeyError:
            raise UnknownComponent(kind, name, self.names(kind)) from None


@cache
def builtin_registry() -> Registry:
    """The components that ship with nlpx."""
    return Registry(builtin_entries())


def builtin_entries() -> Iterator[Entry]:
    for name in PACKAGES:
        package = importlib.import_module(name)
        for found in pkgutil.walk_packages(package.__path__, f"{name}."):
            # Of a task, the config; of other components the options: the rest is imported when it is used.
            if found.name.endswith(".config") if name == TASKS else not found.name.endswith("_layer"):
                yield from entries_of(importlib.import_module(found.name))


def entries_of(module: ModuleType) -> Iterator[Entry]:
    """Every component that is defined (not merely imported) in a module.

    Raises:
        ConfigError: a class of a plugin that cannot be a component.
    """
    for value in vars(module).values():
        if inspect.isclass(value) and issubclass(value, Component) and value.__module__ == module.__name__:
            name = value.type_name()
            if name is None:
                continue
            wrong = "" if is_own(value) else _unfit(value)
            if wrong:
                raise ConfigError(f"{module.__file__}: the component {name!r} ({value.__name__}) {wrong}.")
            yield Entry(value.kind, name, value)


def is_own(component: type[Component]) -> bool:
    """Whether a component ships with nlpx."""
    return component.__module__.startswith(tuple(f"{name}." for name in PACKAGES))


def layer_file(component: type[Split]) -> Path:
    """Where the layer stands if no implementation is named: beside the file of the options."""
    file = Path(str(inspect.getsourcefile(component)))
    return file.with_name(f"{file.stem}_layer.py")


def _unfit(component: type[Component]) -> str:
    """Why a class of a plugin cannot be a component, and what is expected; empty where it can."""
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
        return "does not stand in the text of its file: it is made by exec(), say. Write its class out there"
    return ""


def where(component: type[Component]) -> str:
    """`file:line` of a component class; the file or the module alone where no more is known."""
    try:
        return f"{inspect.getsourcefile(component)}:{inspect.getsourcelines(component)[1]}"
    except (OSError, TypeError):
        module = component.__module__
        return str(getattr(sys.modules.get(module), "__file__", None) or module)
