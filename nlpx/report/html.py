"""Make HTML from parts. Every string is escaped unless it is `Html`, which functions of this file make."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Sequence
from html import escape

from nlpx.core.printable import printable

ALONE = frozenset({"img", "meta", "col", "br"})
"""Elements without an end."""


class Html(str):
    """A piece of HTML."""


def words(text: str) -> Html:
    """A text, escaped; characters that change the direction of others, or have no shape, are written out."""
    return Html(escape(printable(text, keep="\n\t")))


def joined(parts: Iterable[str], between: str = "") -> Html:
    """Parts one after another; those that are not HTML are escaped."""
    return Html(words(between).join(part if isinstance(part, Html) else words(part) for part in parts))


def element(name: str, /, *children: str, **attributes: object) -> Html:
    """An element.

    Args:
        name: such as `div`.
        children: what is inside.
        attributes: `class_` is `class`, and `a_b` is `a-b`; None leaves an attribute out.
    """
    given = (
        f' {key.rstrip("_").replace("_", "-")}="{words(str(value))}"'
        for key, value in attributes.items()
        if value is not None
    )
    end = "" if name in ALONE else f"</{name}>"
    return Html(f"<{name}{''.join(given)}>{joined(children)}{end}")


def table(
    header: Sequence[str], rows: Iterable[Sequence[str]], *, numbers: bool = False, class_: str = ""
) -> Html:
    """A table, which scrolls by itself where a page is narrow.

    Args:
        numbers: whether all columns but the first one are aligned to the right.
    """
    side = "number" if numbers else None
    head = element("tr", *(element("th", cell, class_=side if i else None) for i, cell in enumerate(header)))
    body = joined(
        element("tr", *(element("td", cell, class_=side if i else None) for i, cell in enumerate(row)))
        for row in rows
    )
    made = element("table", element("thead", head), element("tbody", body), class_=class_ or None)
    return element("div", made, class_="wide")


def folded(summary: str, *children: str) -> Html:
    """What is shown after a click, and in print."""
    return element("details", element("summary", summary), *children)


def drawn(svg: str, what: str) -> Html:
    """A drawing by `nlpx.core.plot` or `nlpx.report.charts`, which have escaped their texts.

    Args:
        what: what it shows, for those who cannot see it.
    """
    return element("figure", Html(svg.replace("<svg ", f'<svg role="img" aria-label="{words(what)}" ', 1)))


def image(content: bytes, kind: str, what: str) -> Html:
    """An image inside the page. Browsers run no scripts of an SVG file that is shown like this."""
    data = base64.b64encode(content).decode()
    return element("img", src=f"data:{kind};base64,{data}", alt=what, loading="lazy")
