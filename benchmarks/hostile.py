"""Requests that no client should send to `nlpx serve`, and the parts that requests are made of."""

from __future__ import annotations

import json
import random
import zlib
from collections.abc import Callable, Sequence

JSON = "Content-Type: application/json"
FORM = "Content-Type: multipart/form-data; boundary=x"
FILE = b'--x\r\nContent-Disposition: form-data; name="image"; filename="a.png"\r\n\r\n'


def head(line: str, *headers: str) -> bytes:
    """A request up to its body."""
    return "\r\n".join([f"{line} HTTP/1.1", "Host: localhost", *headers, "", ""]).encode()


def post(body: bytes, path: str, *headers: str) -> bytes:
    """A request with a body."""
    return head(f"POST {path}", f"Content-Length: {len(body)}", *headers) + body


def form(images: Sequence[bytes]) -> bytes:
    """A body with images."""
    return b"".join(FILE + image + b"\r\n" for image in images) + b"--x--\r\n"


def png(width: int, height: int, rows: bytes) -> bytes:
    """A grey image of 8 bits.

    Args:
        rows: for each row a zero and its pixels; fewer make a damaged image.
    """
    size = width.to_bytes(4, "big") + height.to_bytes(4, "big")
    parts = [(b"IHDR", size + bytes([8, 0, 0, 0, 0])), (b"IDAT", zlib.compress(rows, 1)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")
        for kind, data in parts
    )


LARGE = png(4900, 4900, bytes(4901 * 4900))
"""Just within the limit of pixels: 100 kB that become 24 MB of grey or 72 MB of colours."""


def _json(text: str, **options: object) -> bytes:
    return json.dumps({"text": text, "options": options}).encode()


def _noise(drawn: random.Random, most: int = 2000) -> bytes:
    return drawn.randbytes(drawn.randint(0, most))


def _cut(drawn: random.Random, content: bytes) -> bytes:
    return content[: drawn.randrange(len(content))]


HOSTILE: list[Callable[[random.Random, str], bytes]] = [
    lambda drawn, path: _noise(drawn) + b"\r\n\r\n",
    lambda drawn, path: post(_noise(drawn), path, JSON),
    lambda drawn, path: post(_noise(drawn), path, FORM),
    lambda drawn, path: post(b"--x\r\n" + _noise(drawn) + b"\r\n--x--", path, FORM),
    lambda drawn, path: post(b"[" * drawn.randint(1, 100_000), path, JSON),
    lambda drawn, path: post(b'{"text": ' + b"9" * drawn.randint(1, 50_000) + b"}", path, JSON),
    lambda drawn, path: post(_json("\ud800\0\u202e" * 50), path, JSON),
    lambda drawn, path: post(json.dumps({"texts": ["春"] * 100_000}).encode(), path, JSON),
    lambda drawn, path: post(_json("春" * 100_000), path, JSON),
    lambda drawn, path: post(_json("春", seed=10**30), path, JSON),
    lambda drawn, path: post(_json("春", dictionary="/etc/passwd"), path, JSON),
    lambda drawn, path: post(_json("春"), "/v1/../../etc/passwd/predict", JSON),
    lambda drawn, path: post(_json("春"), f"/v1/{'a/' * 2000}predict", JSON),
    lambda drawn, path: head("GET /page/..%2f..%2fapp.py"),
    lambda drawn, path: b"GET /metrics HTTP/1.1\r\nHost: evil.example\r\n\r\n",
    lambda drawn, path: head(f"POST {path}", "Content-Length: 99999999999"),
    lambda drawn, path: head(f"POST {path}", "Content-Length: -1"),
    lambda drawn, path: head("GET /", "X: " + "y" * 100_000),
    lambda drawn, path: head("GET /v1/models", "Upgrade: websocket", "Connection: upgrade"),
    lambda drawn, path: head(f"POST {path}", JSON, "Transfer-Encoding: chunked") + b"10\r\nx\r\nzz\r\n",
    lambda drawn, path: post(form([_noise(drawn)] * 3), path, FORM),
    lambda drawn, path: post(form([_cut(drawn, png(300, 300, bytes(301 * 300)))]), path, FORM),
    lambda drawn, path: post(form([png(300, 300, bytes(drawn.randint(0, 90_000)))]), path, FORM),
    lambda drawn, path: post(form([png(2**31 - 1, 2**31 - 1, b"")]), path, FORM),
    lambda drawn, path: post(form([LARGE]), path, FORM),
    lambda drawn, path: _cut(drawn, post(form([png(99, 99, bytes(9900))]), path, FORM)),
    lambda drawn, path: b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
]
"""Makers of requests that no client should send."""
