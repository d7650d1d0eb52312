"""The settings of a config that differ from the defaults of its components."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic_core import PydanticUndefined

from nlpx.core.component import Component, Section
from nlpx.runs.result_settings import FREE, RECORDERS

NONE = "–"
"""Shown where there is no default."""


@dataclass(frozen=True)
class Setting:
    """A setting with its default, both as they are written in a config."""

    key: str
    value: str
    default: str


def changed_settings(config: Section) -> list[Setting]:
    """Settings that differ from what a config has that does not name them.

    Components other than the default one, and further ones in a list, are compared with their own defaults.
    Recorders do not count.
    """
    observers = getattr(config, "observers", None)
    if observers:
        others = [observer for observer in observers if observer.type not in RECORDERS]
        config = config.model_copy(update={"observers": others})
    return [setting for setting in _of_fields(config, None, "") if setting.key not in FREE]


def _of_fields(section: Section, default: Section | None, path: str) -> Iterator[Setting]:
    """The settings of a section; None: compared with the defaults of its class."""
    for name, field in type(section).model_fields.items():
        if name == "type":
            continue
        usual = (
            getattr(default, name) if default is not None else field.get_default(call_default_factory=True)
        )
        key = f"{path}.{name}".removeprefix(".")
        yield from _differences(getattr(section, name), usual, key)


def _differences(value: Any, usual: Any, key: str) -> Iterator[Setting]:
    if value == usual and isinstance(value, bool) == isinstance(usual, bool):
        return
    if isinstance(value, Section):
        if type(value) is type(usual):
            yield from _of_fields(value, usual, key)
            return
        if isinstance(value, Component):
            yield Setting(key, str(value.type), _written(usual))
        yield from _of_fields(value, None, key)
    elif isinstance(value, Sequence) and any(isinstance(item, Section) for item in value):
        others = usual if isinstance(usual, Sequence) else ()
        for place, item in enumerate(value):
            yield from _differences(item, others[place] if place < len(others) else None, f"{key}.{place}")
        for place in range(len(value), len(others)):
            yield Setting(f"{key}.{place}", NONE, _written(others[place]))
    else:
        yield Setting(key, _written(value), _written(usual))


def _written(value: Any) -> str:
    if value is PydanticUndefined or value is None:
        return NONE
    if isinstance(value, Component):
        return str(value.type)
    if isinstance(value, Section):
        value = value.model_dump(mode="json")
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, default=lambda other: getattr(other, "type", repr(other)))
