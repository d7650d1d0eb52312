"""The files of the page, which are read once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

FIRST = "index.html"
TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}


@dataclass(frozen=True)
class Page:
    """The files by name. A name of a client only selects one of them and never becomes a path."""

    contents: Mapping[str, tuple[bytes, str]]

    @classmethod
    def load(cls) -> Page:
        """All files in the folder `web`."""
        found = {}
        for file in (files("nlpx.serving") / "web").iterdir():
            suffix = f".{file.name.rpartition('.')[2]}"
            if suffix in TYPES:
                found[file.name] = file.read_bytes(), TYPES[suffix]
        return cls(found)

    async def respond(self, request: Request) -> Response:
        name = request.path_params.get("name", FIRST)
        if name not in self.contents:
            raise HTTPException(404)
        content, kind = self.contents[name]
        return Response(content, media_type=kind, headers={"Cache-Control": "no-cache"})
