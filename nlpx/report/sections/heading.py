"""The heading of a part of a report, in English and Chinese."""

from __future__ import annotations

from collections.abc import Sequence

from nlpx.report.html import Html, element


def section(english: str, chinese: str, *children: str) -> Html:
    """A part of a report; empty if there is nothing in it."""
    if not any(children):
        return Html()
    name = english.lower().replace(" ", "-")
    heading = element("h2", f"{english} ", element("span", chinese, lang="zh"))
    return element("section", heading, *children, id=name)


def grid(drawings: Sequence[str]) -> Html:
    """Drawings next to each other, as many as fit; empty if there are none."""
    return element("div", *drawings, class_="plots") if any(drawings) else Html()


def note(text: str) -> Html:
    """A remark in small letters."""
    return element("p", text, class_="note")
