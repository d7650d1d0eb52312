"""Texts that remember their template, so that they can be said in another language."""

from __future__ import annotations


class Filled(str):
    """A template with values: `Filled("{split}: {rows} rows", split="test", rows=3)`.

    Attributes:
        template: with the names of values in braces.
        values: what replaces them.
    """

    template: str
    values: dict[str, object]

    def __new__(cls, template: str, /, **values: object) -> Filled:
        made = super().__new__(cls, template.format(**values))
        made.template, made.values = template, values
        return made
