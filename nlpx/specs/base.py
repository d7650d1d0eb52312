"""The two bases of everything a config file can say: a section, and a component chosen by its `type`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar, get_args

from pydantic import BaseModel, ConfigDict, Field, GetCoreSchemaHandler, GetJsonSchemaHandler, ValidationInfo
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, InitErrorDetails, PydanticCustomError, ValidationError, core_schema

if TYPE_CHECKING:
    from nlpx.registry import Registry

PositiveInt = Annotated[int, Field(ge=1)]
NonNegativeInt = Annotated[int, Field(ge=0)]
PositiveFloat = Annotated[float, Field(gt=0, allow_inf_nan=False)]
NonNegativeFloat = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Rate = Annotated[float, Field(ge=0, lt=1)]
"""A probability of dropping something: 0 <= rate < 1."""


@dataclass(frozen=True)
class LocalPath:
    """Marks a path on this machine: relative to the file that names it, absolute once loaded."""

    must_exist: bool


InputFile = Annotated[str, Field(min_length=1), LocalPath(must_exist=True)]
"""A file that is read."""
Folder = Annotated[str, Field(min_length=1), LocalPath(must_exist=False)]
"""A folder that may be made."""


class Section(BaseModel):
    """A fixed block of a config file: unknown keys are refused, values never coerced, objects frozen."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Spec(Section):
    """A component that `type: NAME` picks: its options, their ranges and defaults, and its documentation.

    The docstring is what `nlpx describe` prints, in a fixed order: what it computes, then the parts
    `Options:` (one line `name: text` an option), `Shapes:`, `Data:`, `Relations:`, `Reference:`, `Example:`.
    """

    kind: ClassVar[str]
    implementation: ClassVar[str]
    """`module:attribute`; `:attribute` in the spec's own module; `file.py:attribute` beside a plugin file."""
    extra: ClassVar[str] = ""
    """The optional extra of nlpx that the component needs, a key of nlpx.specs.extras.EXTRAS."""
    reads_files: ClassVar[bool] = False
    """Whether building it reads its files and imports nothing heavy: then a check of the config builds it."""
    structural: ClassVar[frozenset[str]] = frozenset({"type"})
    """Fields that the caller acts on and that are not arguments of the implementation."""

    type: str

    def options(self) -> dict[str, object]:
        """The fields that become keyword arguments of the implementation."""
        return {name: getattr(self, name) for name in type(self).model_fields if name not in self.structural}


def spec_name(spec: type[Spec]) -> str | None:
    """The `type` a spec class answers to; None for the abstract base of a kind."""
    values = get_args(spec.model_fields["type"].annotation)
    return str(values[0]) if len(values) == 1 else None


COMPONENT_KIND = "x-nlpx-kind"


@dataclass(frozen=True)
class ComponentOf:
    """Marks a field whose value is a component of one kind: `Annotated[EncoderSpec, ComponentOf("encoder")]`.

    A bare string is a component with its defaults. Which names exist is asked of the registry that the
    validation context carries, so that plugins take part.
    """

    kind: str

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.with_info_plain_validator_function(self._validate)

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        # Which components there are is known to the registry alone: nlpx.config.json_schema puts them in.
        return {COMPONENT_KIND: self.kind}

    def _validate(self, value: object, info: ValidationInfo) -> Spec:
        from nlpx.registry import UnknownComponent, builtin_registry

        if isinstance(value, Spec) and value.kind == self.kind:
            return value
        if isinstance(value, str):
            value = {"type": value}
        if not isinstance(value, Mapping):
            raise PydanticCustomError(
                "component", "a {kind} is a name or a mapping with a `type`", {"kind": self.kind}
            )
        name = value.get("type")
        if not isinstance(name, str):
            raise PydanticCustomError("component_type", "this {kind} has no `type`", {"kind": self.kind})
        registry: Registry = info.context if info.context is not None else builtin_registry()
        try:
            component = registry.find(self.kind, name)
        except UnknownComponent as error:
            unknown = PydanticCustomError(
                "unknown_component",
                "there is no {kind} called {name}",
                {"kind": self.kind, "name": name, "known": ", ".join(error.names)},
            )
            details = InitErrorDetails(type=unknown, loc=("type",), input=name)
            raise ValidationError.from_exception_data(self.kind, [details]) from None
        return component.spec.model_validate(value, context=info.context)
