"""Send what a page shows as `curl ...` to a server with a model of each task."""

from __future__ import annotations

import asyncio
import shlex

import httpx
import numpy as np

from nlpx.data.png import png
from nlpx.serving.app import make_app
from nlpx.serving.guard import Access
from nlpx.serving.limits import Limits
from tests.serving.panels import panel_models


def sent(line: str) -> httpx.Response:
    """The response to a request with the options -H, -d and -F of curl."""
    _, address, *options = shlex.split(line)
    headers: dict[str, str] = {}
    files = []
    data = ""
    for option, value in zip(options[::2], options[1::2], strict=True):
        if option == "-H":
            name, _, content = value.partition(": ")
            headers[name] = content
        elif option == "-d":
            data = value
        else:
            assert option == "-F", option
            name, _, file = value.partition("=@")
            files.append((name, (file, png(np.zeros((8, 8, 3), np.uint8)))))

    async def send() -> httpx.Response:
        app = make_app(panel_models(), Limits(), Access.of("127.0.0.1", [], ""), None)
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app)) as client:
            return await client.post(
                f"http://{address}", headers=headers, content=data.encode() or None, files=files or None
            )

    return asyncio.run(send())
