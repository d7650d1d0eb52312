"""The routes of a server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from nlpx.core.printable import printable_json
from nlpx.data.images import Upload
from nlpx.serving.access_log import KEY, AccessLog, LogEntry
from nlpx.serving.asked import Asked, images_asked, parse_object, samples_asked, texts_asked
from nlpx.serving.batching import Batcher
from nlpx.serving.body import Bodies, parse_form
from nlpx.serving.calls import Call
from nlpx.serving.guard import Access, Guard, as_response
from nlpx.serving.limits import Limits
from nlpx.serving.meters import Meters
from nlpx.serving.models import ServedModel
from nlpx.serving.openapi import openapi
from nlpx.serving.page import Page
from nlpx.serving.refusal import Refusal
from nlpx.specs.predictor import Prediction

JSON, FORM = "application/json", "multipart/form-data"
Handler = Callable[[Request], Awaitable[Response]]


class Service:
    """Handles requests.

    Args:
        models: by name.
        limits: of requests.
        meters: count what happens.
    """

    def __init__(self, models: Mapping[str, ServedModel], limits: Limits, meters: Meters) -> None:
        self._models, self._limits, self._meters = models, limits, meters
        self._bodies = Bodies(limits)
        self._batchers = {
            name: Batcher(name, model.compute, limits, meters) for name, model in models.items()
        }
        self._by_task = {model.task: model for model in reversed([*models.values()])}
        self._document = openapi(models, limits)

    async def healthz(self, request: Request) -> Response:
        return JSONResponse({"status": "ok"})

    async def metrics(self, request: Request) -> Response:
        waiting = {name: batcher.waiting for name, batcher in self._batchers.items()}
        return Response(self._meters.text(waiting), media_type="text/plain; version=0.0.4; charset=utf-8")

    async def models(self, request: Request) -> Response:
        limits = self._limits
        shown = {"rows": limits.rows, "characters": limits.characters, "bytes": limits.body}
        return json_response(
            {"models": [model.describe() for model in self._models.values()], "limits": shown}
        )

    async def document(self, request: Request) -> Response:
        return json_response(self._document)

    async def predict(self, request: Request) -> Response:
        model = self._model(request)
        async with self._bodies.read(request) as body:
            form = _content_type(request) == FORM
            if model.takes == "nothing":
                raise Refusal(
                    422, "takes_nothing", f"{model.name} only generates: POST /v1/{model.name}/generate."
                )
            if model.takes == "image":
                if not form:
                    raise Refusal(
                        415, "wrong_type", f"{model.name} takes images. Expected {FORM} with files image."
                    )
                asked = images_asked(
                    model, *await parse_form(request.headers, body, self._limits.rows), self._limits
                )
            else:
                asked = texts_asked(model, self._object(request, body), self._limits)
            return await self._respond(request, model, asked)

    async def generate(self, request: Request) -> Response:
        model = self._model(request)
        if not model.generates:
            raise Refusal(
                422, "generates_nothing", f"{model.name} generates nothing: POST /v1/{model.name}/predict."
            )
        async with self._bodies.read(request) as body:
            asked = samples_asked(model, self._object(request, body), self._limits)
            return await self._respond(request, model, asked)

    def _model(self, request: Request) -> ServedModel:
        """The model that the path names: TASK/RUN, or TASK for the first one of a task."""
        name = request.path_params["model"]
        model = self._models.get(name) or self._by_task.get(name)
        if model is None:
            known = ", ".join([*self._models][:20])
            raise Refusal(404, "unknown_model", f"there is no such model. This server has {known}.")
        _entry(request).model = model.name
        return model

    def _object(self, request: Request, body: bytes) -> dict[str, Any]:
        if _content_type(request) != JSON:
            raise Refusal(415, "wrong_type", f"Content-Type: expected {JSON}.")
        return parse_object(body)

    async def _respond(self, request: Request, model: ServedModel, asked: Asked) -> Response:
        entry = _entry(request)
        entry.rows = len(asked.inputs)
        inputs, costs = asked.accepted(self._limits)
        computed = iter(await self._computed(request, model, asked.call, inputs, costs) if inputs else ())
        results = [given if isinstance(given, Refusal) else next(computed) for given in asked.inputs]
        if asked.single and isinstance(results[0], Refusal):
            raise results[0]
        predictions = [_shown(result) for result in results]
        entry.texts = [_logged(asked.inputs), predictions]
        return json_response({"model": model.name, "predictions": predictions})

    async def _computed(
        self, request: Request, model: ServedModel, call: Call, inputs: Sequence[Any], costs: Sequence[int]
    ) -> list[Prediction | Refusal]:
        """The results, unless the client leaves: then its rows leave the queue."""
        work = asyncio.create_task(self._batchers[model.name].predict(call, inputs, costs))
        # It may end with a Refusal just when the client leaves and nobody asks for it any more.
        work.add_done_callback(lambda done: done.cancelled() or done.exception())
        gone = asyncio.create_task(_left(request))
        try:
            await asyncio.wait((work, gone), return_when=asyncio.FIRST_COMPLETED)
            if not work.done():
                raise ClientDisconnect
            return await work
        finally:
            work.cancel()
            gone.cancel()

    @asynccontextmanager
    async def lifespan(self, app: Starlette) -> AsyncIterator[None]:
        yield
        for batcher in self._batchers.values():
            await batcher.close()


def make_app(
    models: Mapping[str, ServedModel],
    limits: Limits,
    access: Access,
    say: Callable[[str], None] | None,
    log_texts: bool = False,
) -> Starlette:
    """The application.

    Args:
        models: by name.
        limits: of requests.
        access: who may send requests.
        say: writes a line for each request; None writes none.
        log_texts: whether such a line has the texts of users.
    """
    meters, page = Meters(), Page.load()
    service = Service(models, limits, meters)
    routes: list[tuple[str, str, Handler]] = [
        ("/", "GET", page.respond),
        ("/page/{name}", "GET", page.respond),
        ("/healthz", "GET", service.healthz),
        ("/metrics", "GET", service.metrics),
        ("/openapi.json", "GET", service.document),
        ("/v1/models", "GET", service.models),
        ("/v1/{model:path}/predict", "POST", service.predict),
        ("/v1/{model:path}/generate", "POST", service.generate),
    ]
    return Starlette(
        routes=[Route(path, _handled(path, handler), methods=[method]) for path, method, handler in routes],
        middleware=[
            Middleware(AccessLog, say=say, meters=meters, texts=log_texts),
            Middleware(Guard, access=access),
        ],
        exception_handlers={HTTPException: _no_route},  # type: ignore[dict-item]  # as documented
        lifespan=service.lifespan,
    )


def json_response(value: object) -> Response:
    """Valid JSON, in which numbers that JSON lacks are null."""
    return Response(printable_json(value, indent=None), media_type=JSON)


def _handled(route: str, handler: Handler) -> Handler:
    async def handle(request: Request) -> Response:
        _entry(request).route = route
        try:
            return await handler(request)
        except Refusal as refusal:
            return as_response(refusal)
        except ClientDisconnect:
            return Response(status_code=499)  # nobody receives it

    return handle


async def _no_route(request: Request, error: HTTPException) -> Response:
    if error.status_code == 405:
        refusal = Refusal(
            405, "wrong_method", "this path has another method; see /openapi.json.", error.headers or {}
        )
    else:
        refusal = Refusal(error.status_code, "not_found", "there is nothing at this path; see /openapi.json.")
    return as_response(refusal)


async def _left(request: Request) -> None:
    """Returns when the client closes the connection."""
    while (await request.receive())["type"] != "http.disconnect":
        pass


def _entry(request: Request) -> LogEntry:
    found = getattr(request.state, KEY)
    assert isinstance(found, LogEntry)
    return found


def _content_type(request: Request) -> str:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def _shown(result: Prediction | Refusal) -> dict[str, object]:
    return result.to_json() if isinstance(result, Refusal) else {"text": result.text, **result.fields}


def _logged(inputs: Sequence[Any]) -> list[object]:
    return [given.name if isinstance(given, Upload) else str(given) for given in inputs]
