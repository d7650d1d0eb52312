"""The heading of a part of a report."""

from __future__ import annotations

from collections.abc import Sequence

from nlpx.report.html import Html, element
from nlpx.report.language import phrase


def section(name: str, *children: str) -> Html:
    """A part of a report; empty if there is nothing in it.

    Args:
        name: its heading, in English, which is also the address of the part.
    """
    if not any(children):
        return Html()
    address = name.lower().replace(" ", "-")
    return element("section", element("h2", phrase(name)), *children, id=address)


def grid(drawings: Sequence[str]) -> Html:
    """Drawings next to each other, as many as fit; empty if there are none."""
    return element("div", *drawings, class_="plots") if any(drawings) else Html()


def note(text: str) -> Html:
    """A remark in small letters."""
    return element("p", text, class_="note")
