"""Convert nested settings to one level of dotted keys, so that configs can be compared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence


def flatten(value: object, prefix: str = "") -> dict[str, object]:
    """`{"a": {"b": [1, 2]}}` -> `{"a.b.0": 1, "a.b.1": 2}`; empty mappings and lists stay as values."""
    if not isinstance(value, Mapping | list | tuple) or not value:
        return {prefix: value}
    leaves: dict[str, object] = {}
    for key, item in value.items() if isinstance(value, Mapping) else enumerate(value):
        leaves |= flatten(item, f"{prefix}.{key}" if prefix else str(key))
    return leaves


def differences(sides: Sequence[Mapping[str, object]]) -> dict[str, list[object]]:
    """Keys whose values differ, with the value of every side, or `MISSING` if a side does not have the key.

    Keys are in the order of the sides; those of the same section stay together.
    """
    keys = list(dict.fromkeys(key for side in sides for key in side))
    heads = dict.fromkeys(key.partition(".")[0] for key in keys)
    places = {head: place for place, head in enumerate(heads)}
    keys.sort(key=lambda key: places[key.partition(".")[0]])
    rows = {key: [side.get(key, MISSING) for side in sides] for key in keys}
    return {key: row for key, row in rows.items() if any(not _same(value, row[0]) for value in row)}


class Missing:
    """Marks a missing key, because None is a value."""

    def __repr__(self) -> str:
        return "-"


MISSING = Missing()


def _same(one: object, other: object) -> bool:
    # True == 1 in Python, but not in a config.
    return one == other and isinstance(one, bool) == isinstance(other, bool)
