"""What a page consists of."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

ALONE = {"img", "meta", "col", "br", "rect", "line", "circle", "polyline"}


@dataclass
class Page(HTMLParser):
    """A page that has been read; raises AssertionError for elements that do not end where they should."""

    text: str
    tags: list[tuple[str, dict[str, str | None]]] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    open: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()
        self.feed(self.text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in ALONE:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if tag not in ALONE:
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open[-1:] != ["style"]:
            self.words.append(data)

    def said(self, words: str) -> bool:
        """Whether a text is on the page, across elements."""
        return words in "".join(self.words)

    def sections(self) -> list[str]:
        return [str(attributes["id"]) for tag, attributes in self.tags if tag == "section"]

    def loaded(self) -> list[str]:
        """What a browser would load or run."""
        return [
            f"{tag} {name}={value}"
            for tag, attributes in self.tags
            for name, value in attributes.items()
            if tag in ("script", "link", "iframe", "object", "embed")
            or name.startswith("on")
            or (
                name in ("src", "href", "srcset", "xlink:href")
                and not str(value).startswith(("data:image/", "#"))
            )
        ]
