"""Write an Experiment as complete YAML."""

from __future__ import annotations

import re
from collections.abc import Set

import yaml

from nlpx.config import scalars
from nlpx.config.interpolate import escape
from nlpx.specs.experiment import Experiment


def dump_experiment(experiment: Experiment, without: Set[str] = frozenset()) -> str:
    """Resolved YAML with all defaults filled in; loading it gives an equal Experiment.

    Args:
        without: keys that are left out.
    """
    data = experiment.model_dump(mode="json", by_alias=True, exclude=set(without))
    return yaml.dump(
        _escaped({"task": data.pop("task"), **data}),
        Dumper=_Dumper,
        allow_unicode=True,
        sort_keys=False,
        default_flow_style=False,
        width=100,
    )


class _Dumper(yaml.SafeDumper):
    """Quotes strings that YAML 1.1 or YAML 1.2 would read as other types."""

    def ignore_aliases(self, data: object) -> bool:
        return True


_NOT_TEXT = (
    scalars.NULL,
    scalars.BOOL,
    scalars.DECIMAL,
    scalars.OCTAL,
    scalars.HEXADECIMAL,
    scalars.FLOAT,
    scalars.INFINITY,
    scalars.NAN,
)
_Dumper.add_implicit_resolver(
    "tag:yaml.org,2002:float",
    re.compile(rf"(?:{'|'.join(pattern.pattern for pattern in _NOT_TEXT)})\Z"),
    None,
)


def _represent_text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    """Escape rare line breaks, which would be folded when the file is read."""
    style = '"' if any(mark in text for mark in "\x85\u2028\u2029") else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _represent_text)


def _escaped(value: object) -> object:
    if isinstance(value, str):
        return escape(value)
    if isinstance(value, list):
        return [_escaped(item) for item in value]
    if isinstance(value, dict):
        return {key: _escaped(item) for key, item in value.items()}
    return value
