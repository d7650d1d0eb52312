"""Load and hostile requests for `nlpx serve`, which this script starts on 127.0.0.1.

    python benchmarks/serve_load.py RUN_OR_BUNDLE... [--clients 200] [--seconds 60] [--hostile 10000]

Clients send texts of random lengths to all models, one request after the other; some leave in the middle of a
request, some send a byte a second. Afterwards come hostile requests. Exit code 1: a status other than 200 and
429 under load, 5xx for a hostile request, memory that grows, or a server that does not respond at the end.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

TEXTS = "晚风摇树树还挺，春江潮水连海平。研究生命的起源！这家酒店不错😀 abc"
LONGEST = 60
MOST_TEXTS = 8
LEAVING, SLOW = 10, 10
"""Clients that leave, and clients that are slow, besides the others."""
FLAT = 1.15
"""Memory at the end of the load may be this multiple of that after the first quarter."""
MIB = 1 << 20
PATIENCE = 60
"""Seconds until a client gives up."""


@dataclass
class Tally:
    """What happened: seconds of the responses by status, and the memory over time."""

    seconds: dict[str, list[float]] = field(default_factory=dict)
    memory: list[float] = field(default_factory=list)

    def add(self, status: str, seconds: float) -> None:
        self.seconds.setdefault(status, []).append(seconds)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("models", nargs="*", help="runs and bundles; default: those of nlpx serve")
    parser.add_argument("--clients", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--hostile", type=int, default=10_000)
    parser.add_argument("--root", default="runs")
    given = parser.parse_args()
    with server([*given.models, "--root", given.root]) as port:
        return asyncio.run(run(port, given.clients, given.seconds, given.hostile))


@contextmanager
def server(arguments: Sequence[str]) -> Iterator[int]:
    """The port of a server, which must end by itself on SIGTERM."""
    command = [sys.executable, "-m", "nlpx", "serve", *arguments, "--port", "0", "--quiet"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, encoding="utf-8") as process:
        assert process.stderr is not None
        for line in process.stderr:
            print(line, end="")
            if found := re.match(r"serving at .*:(\d+)/", line):
                break
        else:
            sys.exit("the server did not start")
        try:
            yield int(found[1])
        finally:
            process.terminate()
            rest = process.stderr.read()
            print(f"the server ended with {process.wait(60)}: {rest.strip()[-500:]}")


async def run(port: int, clients: int, seconds: float, hostile: int) -> int:
    models = [
        model["name"]
        for model in json.loads(await get(port, "/v1/models"))["models"]
        if model["takes"] == "text"
    ]
    for model in models:  # what a model does only once is no load
        await ask(port, predict(model, ["春"]))
    tally, end = Tally(), time.monotonic() + seconds
    tasks = [client(port, models, number, end, tally) for number in range(clients)]
    tasks += [leaving(port, models, number, end) for number in range(LEAVING)]
    tasks += [slow(port, models[0], end) for _ in range(SLOW)]
    await asyncio.gather(watch(port, end, tally), *tasks)
    faults = report(tally, clients, seconds, models)
    if hostile:
        faults += await attack(port, models, hostile)
    last = [await ask(port, predict(model, ["春风"])) for model in models]
    print(f"afterwards: {', '.join(last)} for one text to each model")
    faults += [f"afterwards {status}" for status in last if status != "200"]
    print(f"faults: {'; '.join(faults) or 'none'}")
    return bool(faults)


async def client(port: int, models: Sequence[str], number: int, end: float, tally: Tally) -> None:
    drawn = random.Random(number)
    while time.monotonic() < end:
        start = time.monotonic()
        status = await ask(port, request_of(drawn, models))
        tally.add(status, time.monotonic() - start)
        if status == "429":
            await asyncio.sleep(drawn.uniform(0.5, 1.5))  # at most what Retry-After asks for, if it is 1


def request_of(drawn: random.Random, models: Sequence[str]) -> bytes:
    count = drawn.randint(1, MOST_TEXTS)
    return predict(
        drawn.choice(models),
        ["".join(drawn.choices(TEXTS, k=drawn.randint(0, LONGEST))) for _ in range(count)],
    )


async def leaving(port: int, models: Sequence[str], number: int, end: float) -> None:
    """Close the connection as soon as a request is sent, or in the middle of it."""
    drawn = random.Random(-number)
    while time.monotonic() < end:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        request = request_of(drawn, models)
        writer.write(request[: drawn.choice([len(request), len(request) // 2])])
        with suppress(OSError):
            await writer.drain()
        await asyncio.sleep(drawn.uniform(0, 0.2))
        writer.close()


async def slow(port: int, model: str, end: float) -> None:
    """Send a byte a second until the server closes the connection, again and again."""
    request = predict(model, ["春"])
    while time.monotonic() < end:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for byte in request[:-1]:
            if time.monotonic() > end or reader.at_eof() or writer.is_closing():
                break
            with suppress(OSError):
                writer.write(bytes([byte]))
                await writer.drain()
            await asyncio.sleep(1)
        writer.close()


async def watch(port: int, end: float, tally: Tally) -> None:
    while time.monotonic() < end:
        tally.memory.append(await memory(port))
        await asyncio.sleep(1)


async def memory(port: int) -> float:
    """MiB of the server."""
    found = re.search(
        r"^process_resident_memory_bytes (\d+)", (await get(port, "/metrics")).decode(), re.MULTILINE
    )
    if found is None:
        raise RuntimeError("/metrics has no memory")
    return int(found[1]) / MIB


def report(tally: Tally, clients: int, seconds: float, models: Sequence[str]) -> list[str]:
    print(f"{clients} clients, {LEAVING} that leave, {SLOW} slow ones; {seconds:g} s; {len(models)} models")
    for status, found in sorted(tally.seconds.items()):
        found.sort()
        quantiles = ", ".join(
            f"p{q} {1000 * found[min(len(found) * q // 100, len(found) - 1)]:.0f} ms" for q in (50, 95, 99)
        )
        print(f"  {status}: {len(found)} responses, {len(found) / seconds:.0f}/s, {quantiles}")
    early, late = tally.memory[len(tally.memory) // 4], tally.memory[-1]
    print(f"  memory: {tally.memory[0]:.0f} MiB at first, {early:.0f} after a quarter, {late:.0f} at the end")
    faults = [
        f"{len(found)} times {status}"
        for status, found in tally.seconds.items()
        if status not in ("200", "429")
    ]
    return faults + ([f"memory grew from {early:.0f} to {late:.0f} MiB"] if late > FLAT * early else [])


async def attack(port: int, models: Sequence[str], count: int) -> list[str]:
    """Hostile requests, 50 at a time; whatever is no valid request must be refused, and nothing may fail."""
    drawn, before = random.Random(0), await memory(port)
    statuses: Counter[str] = Counter()
    start, room = time.monotonic(), asyncio.Semaphore(50)

    async def one(number: int) -> None:
        async with room:
            statuses[
                await ask(port, HOSTILE[number % len(HOSTILE)](drawn, f"/v1/{drawn.choice(models)}/predict"))
            ] += 1

    await asyncio.gather(*(one(number) for number in range(count)))
    after = await memory(port)
    shown = ", ".join(f"{status}: {number}" for status, number in sorted(statuses.items()))
    print(
        f"{count} hostile requests in {time.monotonic() - start:.0f} s: {shown}; "
        f"memory {before:.0f} to {after:.0f} MiB"
    )
    return [
        f"hostile requests: {number} times {status}"
        for status, number in statuses.items()
        if status[0] == "5"
    ]


def _head(line: str, *headers: str) -> bytes:
    return "\r\n".join([f"{line} HTTP/1.1", "Host: localhost", *headers, "", ""]).encode()


def _body(body: bytes, path: str, *headers: str) -> bytes:
    return _head(f"POST {path}", f"Content-Length: {len(body)}", *headers) + body


def _json(text: str, **options: object) -> bytes:
    return json.dumps({"text": text, "options": options}).encode()


def _noise(drawn: random.Random, most: int = 2000) -> bytes:
    return drawn.randbytes(drawn.randint(0, most))


JSON = "Content-Type: application/json"
FORM = "Content-Type: multipart/form-data; boundary=x"
HOSTILE: list[Callable[[random.Random, str], bytes]] = [
    lambda drawn, path: _noise(drawn) + b"\r\n\r\n",
    lambda drawn, path: _body(_noise(drawn), path, JSON),
    lambda drawn, path: _body(_noise(drawn), path, FORM),
    lambda drawn, path: _body(b"--x\r\n" + _noise(drawn) + b"\r\n--x--", path, FORM),
    lambda drawn, path: _body(b"[" * drawn.randint(1, 100_000), path, JSON),
    lambda drawn, path: _body(b'{"text": ' + b"9" * drawn.randint(1, 50_000) + b"}", path, JSON),
    lambda drawn, path: _body(_json("\ud800\0\u202e" * 50), path, JSON),
    lambda drawn, path: _body(json.dumps({"texts": ["春"] * 100_000}).encode(), path, JSON),
    lambda drawn, path: _body(_json("春" * 100_000), path, JSON),
    lambda drawn, path: _body(_json("春", seed=10**30), path, JSON),
    lambda drawn, path: _body(_json("春", dictionary="/etc/passwd"), path, JSON),
    lambda drawn, path: _body(_json("春"), "/v1/../../etc/passwd/predict", JSON),
    lambda drawn, path: _body(_json("春"), f"/v1/{'a/' * 2000}predict", JSON),
    lambda drawn, path: _head("GET /page/..%2f..%2fapp.py"),
    lambda drawn, path: b"GET /metrics HTTP/1.1\r\nHost: evil.example\r\n\r\n",
    lambda drawn, path: _head(f"POST {path}", "Content-Length: 99999999999"),
    lambda drawn, path: _head(f"POST {path}", "Content-Length: -1"),
    lambda drawn, path: _head("GET /", "X: " + "y" * 100_000),
    lambda drawn, path: _head("GET /v1/models", "Upgrade: websocket", "Connection: upgrade"),
    lambda drawn, path: _head(f"POST {path}", JSON, "Transfer-Encoding: chunked") + b"10\r\nx\r\nzz\r\n",
    lambda drawn, path: b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
]
"""Makers of requests that no client should send."""


def predict(model: str, texts: Sequence[str]) -> bytes:
    return _body(json.dumps({"texts": texts}).encode(), f"/v1/{model}/predict", JSON)


async def ask(port: int, request: bytes) -> str:
    """The status of the response, or `closed`, `reset`, `hung` or `failed` without one."""
    return (await _exchange(port, request))[:6].decode().split(" ")[0] or "closed"


async def get(port: int, path: str) -> bytes:
    request = _head(f"GET {path}")
    return (await _exchange(port, request)).partition(b"\r\n\r\n")[2]


async def _exchange(port: int, request: bytes) -> bytes:
    """A response from its status on, of a connection that ends with it."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        head, _, rest = request.partition(b"\r\n")
        with suppress(OSError):
            writer.write(head + b"\r\nConnection: close\r\n" + rest if b"HTTP/1.1" in head else request)
            await writer.drain()
        received = await asyncio.wait_for(reader.read(), PATIENCE)
        return received.partition(b" ")[2]
    except TimeoutError:
        return b"hung"
    except OSError as error:
        return b"reset" if isinstance(error, ConnectionError) else b"failed"
    finally:
        writer.close()


if __name__ == "__main__":
    sys.exit(main())
