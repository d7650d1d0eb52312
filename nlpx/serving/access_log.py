"""One line on standard error, and an entry in the meters, for every request."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from nlpx.core.printable import printable
from nlpx.serving.meters import Meters

LEFT = 499
"""The status of a request whose client has left, as other servers write it."""
LONGEST_PATH = 100
KEY = "nlpx"


@dataclass
class LogEntry:
    """What the line of a request says besides its path, status and time.

    Attributes:
        route: name of the route; empty for unknown paths.
        model: name of the model.
        rows: number of inputs.
        texts: what was sent and predicted.
    """

    route: str = ""
    model: str = ""
    rows: int = 0
    texts: list[Any] = field(default_factory=list)


class AccessLog:
    """Writes a line when a request ends.

    Args:
        app: what handles requests.
        say: writes a line; None writes none.
        meters: count requests.
        texts: whether to write what users sent.
    """

    def __init__(self, app: ASGIApp, say: Callable[[str], None] | None, meters: Meters, texts: bool) -> None:
        self._app, self._say, self._meters, self._texts = app, say, meters, texts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        entry, status, start = LogEntry(), LEFT, time.monotonic()
        scope.setdefault("state", {})[KEY] = entry

        async def noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, noted)
        finally:
            seconds = time.monotonic() - start
            self._meters.request(entry.route, entry.model, status, seconds)
            if self._say is not None:
                self._say(self._line(scope, entry, status, seconds))

    def _line(self, scope: Scope, entry: LogEntry, status: int, seconds: float) -> str:
        client = scope["client"][0] if scope.get("client") else "-"
        path = printable(scope["path"][:LONGEST_PATH])
        what = f"{client} {scope['method'][:10]} {path} {status}"
        line = f"{time.strftime('%H:%M:%S')} {what} {1000 * seconds:.0f} ms"
        if entry.rows:
            line += f" {entry.rows} rows"
        if self._texts and entry.texts:
            line += " " + printable(json.dumps(entry.texts, ensure_ascii=False))
        return line
