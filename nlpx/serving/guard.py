"""Who may send requests: checks of the host, the origin and the token, and the headers of every response."""

from __future__ import annotations

import hmac
import re
from collections.abc import Collection
from dataclasses import dataclass
from ipaddress import ip_address

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from nlpx.core.printable import printable_json
from nlpx.serving.refusal import CLOSE, Refusal

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
HOST = re.compile(r"(\[[0-9a-fA-F:.]+\]|[\w.-]+)(:[0-9]{0,5})?", re.ASCII)
"""A header Host: a name or an address, and perhaps a port."""
SCHEMES = ("http://", "https://")
OPEN_PATHS = ("/healthz", "/")
"""Paths that need no token, with the files of the page."""
OPEN_FOLDER = "/page/"
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
    "img-src 'self' blob:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


@dataclass(frozen=True)
class Access:
    """Who may send requests.

    Attributes:
        token: what requests must carry; empty asks for none.
        hosts: names in the header Host; empty allows all. A page of a foreign host whose name leads to this
            machine could otherwise read responses (DNS rebinding).
    """

    token: str = ""
    hosts: frozenset[str] = frozenset()

    @classmethod
    def of(cls, host: str, allowed: Collection[str], token: str) -> Access:
        """For a server that listens on an address, with further names."""
        if is_loopback(host):
            return cls(token, LOOPBACK | {host.lower(), *(name.lower() for name in allowed)})
        names = frozenset(name.lower() for name in allowed)
        return cls(token, names | LOOPBACK if names else names)


def is_loopback(host: str) -> bool:
    """Whether only this machine can connect to an address."""
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host.lower() == "localhost"


class Guard:
    """Passes on what may pass, and completes the headers of responses."""

    def __init__(self, app: ASGIApp, access: Access) -> None:
        self._app, self._access = app, access
        self._token = f"Bearer {access.token}".encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        refusal = self._refusal(scope["method"], scope["path"], Headers(scope=scope))
        app = self._app if refusal is None else as_response(refusal)
        await app(scope, receive, _completing(send))

    def _refusal(self, method: str, path: str, headers: Headers) -> Refusal | None:
        host = headers.get("host", "")
        if self._access.hosts and _name(host) not in self._access.hosts:
            return Refusal(
                403,
                "unknown_host",
                "the header Host names another server. Use --allow-host to allow it.",
                CLOSE,
            )
        origin = headers.get("origin")
        if origin is not None and method not in ("GET", "HEAD") and not _is_own(origin, host):
            return Refusal(403, "other_origin", "pages of other servers may not send requests.", CLOSE)
        free = path in OPEN_PATHS or path.startswith(OPEN_FOLDER)
        if not self._access.token or free or self._carries_token(headers):
            return None
        return Refusal(
            401,
            "token_needed",
            "expected the header `Authorization: Bearer TOKEN` with the token of this server.",
            {"WWW-Authenticate": "Bearer", **CLOSE},
        )

    def _carries_token(self, headers: Headers) -> bool:
        given = headers.get("authorization", "").encode("utf-8", "replace")
        return hmac.compare_digest(given, self._token)


def as_response(refusal: Refusal) -> Response:
    """The response to a refused request, whose message may repeat any text of it."""
    text = printable_json(refusal.to_json(), indent=None)
    return Response(text, refusal.status, dict(refusal.headers), "application/json")


def _is_own(origin: str, host: str) -> bool:
    """Whether a page is one of this server; behind a proxy with TLS, its origin is https."""
    return origin in [f"{scheme}{host}" for scheme in SCHEMES]


def _name(host: str) -> str:
    """The name in `name:port` or `[address]:port`; empty if it is neither."""
    found = HOST.fullmatch(host)
    return found[1].strip("[]").lower() if found else ""


def _completing(send: Send) -> Send:
    async def complete(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers[name] = value
            headers.setdefault("Cache-Control", "no-store")
        await send(message)

    return complete
