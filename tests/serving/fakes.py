"""A fast model that does what its texts say, and servers in this process."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import httpx
from starlette.types import ASGIApp

from nlpx.serving.app import make_app
from nlpx.serving.guard import Access
from nlpx.serving.limits import Limits
from nlpx.serving.models import ServedModel
from nlpx.serving.server import Server, address, config, listen
from nlpx.serving.tasks.base import TaskApi
from nlpx.specs.predictor import Prediction, UnconditionalPredictor

NAME = "fake/one"


class FakePredictor(UnconditionalPredictor):
    """Reverses texts; `bad` raises, `unreadable` fails, and `hold` waits until `released` is set.

    Attributes:
        batches: the texts of every call.
    """

    def __init__(self) -> None:
        self.batches: list[list[str]] = []
        self.released = threading.Event()

    def predict(self, texts: Sequence[Any]) -> list[Prediction]:
        self.batches.append([str(text) for text in texts])
        if "bad" in texts:
            raise ValueError("a secret of the user")
        if "hold" in texts:
            assert self.released.wait(10)
        return [self._one(text) for text in texts]

    def _one(self, text: Any) -> Prediction:
        if text == "unreadable":
            return Prediction("cannot be read.", failed=True)
        content = getattr(text, "content", None)
        fields = {"bytes": len(content)} if content is not None else {"length": len(text)}
        return Prediction(str(text)[::-1], {**fields, "nan": float("nan")})

    def generate(self, count: int, seed: int) -> list[Prediction]:
        return [Prediction(f"{seed}-{number}") for number in range(count)]


def fake_model(predictor: FakePredictor, *, images: bool = False, generates: bool = True) -> ServedModel:
    experiment = SimpleNamespace(
        type="fake", takes_input=True, takes_images=images, generates=generates, samples=["样例"]
    )
    opened: Any = SimpleNamespace(experiment=experiment, predictor=predictor, run=None, step=7)
    return ServedModel(NAME, TaskApi(opened), lambda name, error: None)


def fake_app(
    predictor: FakePredictor,
    limits: Limits | None = None,
    access: Access | None = None,
    *,
    images: bool = False,
    lines: list[str] | None = None,
    log_texts: bool = False,
) -> ASGIApp:
    models = {NAME: fake_model(predictor, images=images)}
    say = None if lines is None else lines.append
    return make_app(models, limits or Limits(), access or Access(), say, log_texts)


def client(app: ASGIApp) -> httpx.AsyncClient:
    """Sends requests to an application without a network."""
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://localhost")


@contextmanager
def running(app: ASGIApp, limits: Limits | None = None) -> Iterator[str]:
    """A server on a free port; gives its address."""
    listening = listen("127.0.0.1", 0)
    server = Server(config(app, limits or Limits()))
    thread = threading.Thread(target=server.run, args=([listening],))
    url = address(listening, "127.0.0.1")
    thread.start()
    try:
        while not server.started:
            time.sleep(0.005)
        yield url
    finally:
        server.should_exit = True
        thread.join(10)
        listening.close()


def connected(url: str) -> socket.socket:
    """A connection to a server, for requests that no library would send."""
    parts = httpx.URL(url)
    assert parts.port is not None
    return socket.create_connection((parts.host, parts.port), timeout=10)
