"""Read the body of a request, which is limited in size and time and stays in memory."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager

from starlette.datastructures import FormData, Headers, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

from nlpx.data.images import Upload
from nlpx.serving.limits import Limits
from nlpx.serving.refusal import CLOSE, Refusal

LONGEST_NAME = 100
logging.getLogger("python_multipart").setLevel(logging.CRITICAL)  # clients get its warnings as errors


class Bodies:
    """Reads bodies, and counts the bytes of all that are in memory."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._held = 0

    @asynccontextmanager
    async def read(self, request: Request) -> AsyncIterator[bytes]:
        """The body; its bytes count until the context ends.

        Raises:
            Refusal: it is too large, arrives too slowly, or all bodies together are too large.
            starlette.requests.ClientDisconnect: the client has left.
        """
        body = bytearray()
        try:
            try:
                async with asyncio.timeout(self._limits.reading):
                    await self._fill(body, request)
            except TimeoutError:
                what = f"the request was not complete after {self._limits.reading:g} seconds."
                raise Refusal(408, "too_slow", what, CLOSE) from None
            yield bytes(body)
        finally:
            self._held -= len(body)

    async def _fill(self, body: bytearray, request: Request) -> None:
        length = request.headers.get("content-length", "")
        self._expect_small(int(length) if length.isdecimal() else 0)
        async for part in request.stream():
            body += part
            self._held += len(part)
            self._expect_small(len(body))
            if self._held > self._limits.bodies:
                what = "too many large requests at once. Try again."
                raise Refusal(429, "busy", what, {**CLOSE, "Retry-After": "1"})

    def _expect_small(self, size: int) -> None:
        limit = self._limits.body
        if size > limit:
            what = f"the request is larger than {limit:,} bytes. Send several requests."
            raise Refusal(413, "body_too_large", what, CLOSE)


class _InMemory(MultiPartParser):
    """Never writes a file: the body is in memory anyway."""

    spool_max_size = 1 << 40


async def parse_form(headers: Headers, body: bytes, most: int) -> tuple[list[Upload], str]:
    """The images of a body of the type multipart/form-data, and the text of the field `options`.

    Raises:
        Refusal: the body is invalid, or has more than `most` images.
    """

    async def whole() -> AsyncGenerator[bytes, None]:
        yield body

    parser = _InMemory(headers, whole(), max_files=most, max_fields=1)
    try:
        form: FormData = await parser.parse()
    except MultiPartException as error:
        raise Refusal(400, "bad_form", f"multipart/form-data: {error.message}") from None
    images, options = [], ""
    for name, value in form.multi_items():
        if name == "image" and isinstance(value, UploadFile):
            images.append(Upload((value.filename or "image")[:LONGEST_NAME], await value.read()))
        elif name == "options" and isinstance(value, str):
            options = value
        else:
            raise Refusal(
                422,
                "unknown_field",
                f"field {name[:40]!r}: expected files called image, and the field options.",
            )
    return images, options
