"""Listen on an address until a signal ends the server."""

from __future__ import annotations

import asyncio
import errno
import socket
from types import FrameType
from typing import Any

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

from nlpx.errors import EnvironmentProblem, UsageError
from nlpx.serving.limits import Limits

BACKLOG = 1024
LARGEST_HEAD = 16 << 10
"""Bytes of the headers of a request."""
GRACE = 2
"""Seconds that open requests get besides their timeout when the server ends."""


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens already, so that a used port is known before models are loaded.

    Raises:
        UsageError: there is no such address.
        EnvironmentProblem: the port cannot be used.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except (OSError, UnicodeError):
        raise UsageError(f"--host {host}: there is no such address. Expected one like 127.0.0.1.") from None
    found = socket.socket(family, kind, protocol)
    found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        found.bind(address)
        found.listen(BACKLOG)
    except OSError as error:
        found.close()
        advice = "Stop the program that uses it, or choose another --port; 0 selects a free one."
        if error.errno == errno.EADDRNOTAVAIL:
            advice = "Expected an address of this machine."
        raise EnvironmentProblem(f"{host}:{port}: {error.strerror or error}. {advice}") from None
    return found


def address(listening: socket.socket, host: str) -> str:
    """The address to open in a browser."""
    port = listening.getsockname()[1]
    name = {"0.0.0.0": "localhost", "::": "localhost"}.get(host, host)
    return f"http://{f'[{name}]' if ':' in name else name}:{port}/"


def serve(app: ASGIApp, listening: socket.socket, limits: Limits) -> None:
    """Handle requests until SIGTERM or SIGINT; open ones end first, unless a second signal comes."""
    asyncio.run(Server(config(app, limits)).serve([listening]))


def config(app: ASGIApp, limits: Limits) -> uvicorn.Config:
    """How uvicorn serves an application."""
    return uvicorn.Config(
        app,
        http=_protocol(limits.reading),
        ws="none",
        lifespan="on",
        log_config=None,
        log_level="error",
        access_log=False,
        server_header=False,
        limit_concurrency=limits.connections,
        h11_max_incomplete_event_size=LARGEST_HEAD,
        timeout_graceful_shutdown=int(limits.timeout) + GRACE,
    )


class Server(uvicorn.Server):
    """Ends without raising the signal again, so that the exit code is 0."""

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self.force_exit = self.should_exit
        self.should_exit = True


def _protocol(patience: float) -> type[H11Protocol]:
    """A protocol that closes connections on which the head of a request takes too long, in seconds."""

    class Impatient(H11Protocol):
        _timer: asyncio.TimerHandle | None = None

        def connection_made(self, transport: Any) -> None:
            super().connection_made(transport)
            self._start()

        def connection_lost(self, exc: Exception | None) -> None:
            self._stop()
            super().connection_lost(exc)

        def on_response_complete(self) -> None:
            self._start()
            super().on_response_complete()

        def _start(self) -> None:
            self._stop()
            self._timer = self.loop.call_later(patience, self._expired)

        def _stop(self) -> None:
            if self._timer is not None:
                self._timer.cancel()
                self._timer = None

        def _expired(self) -> None:
            # The body of a request that has begun has a limit of its own.
            if self.cycle is None or self.cycle.response_complete:
                self.transport.abort()

    return Impatient
