"""Load and hostile requests for `nlpx serve`, which this script starts on 127.0.0.1.

    python benchmarks/serve_load.py RUN_OR_BUNDLE... [--clients 200] [--seconds 60] [--hostile 10000]

Clients send texts of random lengths, or images of random sizes, to all models, one request after the other;
some leave in the middle of a request, some send a byte a second, some send hostile requests, and many more of
these come afterwards. Exit code 1: a status other than 200 and 429 under load, 5xx except 503 for a hostile
request, memory that grows, or a server that does not respond at the end.
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
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from hostile import FORM, HOSTILE, JSON, form, head, png, post

TEXTS = "晚风摇树树还挺，春江潮水连海平。研究生命的起源！这家酒店不错😀 abc"
LONGEST = 60
MOST_TEXTS = 8
MOST_IMAGES, LARGEST_IMAGE = 3, 200
LEAVING, SLOW, WRONG = 10, 10, 4
"""Clients that leave, that are slow, and that send hostile requests, besides the others."""
Models = Mapping[str, str]
"""What each model takes, by its name: text or image."""
FLAT = 1.15
"""Memory at the end of the load may be this multiple of that after the first quarter."""
MIB = 1 << 20
PATIENCE = 60
"""Seconds until a client gives up."""


@dataclass
class Tally:
    """What happened: seconds of the responses by status, and the memory over time.

    Attributes:
        hostile: statuses of the hostile requests during the load.
    """

    seconds: dict[str, list[float]] = field(default_factory=dict)
    hostile: Counter[str] = field(default_factory=Counter)
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
    models = {
        model["name"]: model["takes"]
        for model in json.loads((await get(port, "/v1/models"))[1])["models"]
        if model["takes"] != "nothing"
    }
    for model in models:  # what a model does only once is no load
        await ask(port, small(model, models))
    tally, end = Tally(), time.monotonic() + seconds
    tasks = [client(port, models, number, end, tally) for number in range(clients)]
    tasks += [leaving(port, models, number, end) for number in range(LEAVING)]
    tasks += [slow(port, models, end) for _ in range(SLOW)]
    tasks += [wrong(port, models, number, end, tally) for number in range(WRONG)]
    await asyncio.gather(watch(port, end, tally), *tasks)
    faults = report(tally, clients, seconds, models)
    if hostile:
        faults += await attack(port, models, hostile)
    last = [await ask(port, small(model, models)) for model in models]
    print(f"afterwards: {', '.join(last)} for one input to each model")
    faults += [f"afterwards {status}" for status in last if status != "200"]
    print(f"faults: {'; '.join(faults) or 'none'}")
    return bool(faults)


async def client(port: int, models: Models, number: int, end: float, tally: Tally) -> None:
    drawn = random.Random(number)
    while time.monotonic() < end:
        start = time.monotonic()
        status = await ask(port, request_of(drawn, models))
        tally.add(status, time.monotonic() - start)
        if status == "429":
            await asyncio.sleep(drawn.uniform(0.5, 1.5))  # at most what Retry-After asks for, if it is 1


def request_of(drawn: random.Random, models: Models) -> bytes:
    model = drawn.choice([*models])
    if models[model] == "image":
        return look(model, [_image(drawn) for _ in range(drawn.randint(1, MOST_IMAGES))])
    count = drawn.randint(1, MOST_TEXTS)
    return predict(model, ["".join(drawn.choices(TEXTS, k=drawn.randint(0, LONGEST))) for _ in range(count)])


def _image(drawn: random.Random) -> bytes:
    width, height = drawn.randint(1, LARGEST_IMAGE), drawn.randint(1, LARGEST_IMAGE)
    return png(width, height, b"".join(b"\0" + drawn.randbytes(width) for _ in range(height)))


async def wrong(port: int, models: Models, number: int, end: float, tally: Tally) -> None:
    """Send hostile requests while others are served."""
    drawn = random.Random(-1000 - number)
    while time.monotonic() < end:
        path = f"/v1/{drawn.choice([*models])}/predict"
        tally.hostile[await ask(port, drawn.choice(HOSTILE)(drawn, path))] += 1
        await asyncio.sleep(drawn.uniform(0, 0.5))


async def leaving(port: int, models: Models, number: int, end: float) -> None:
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


async def slow(port: int, models: Models, end: float) -> None:
    """Send a byte a second until the server closes the connection, again and again."""
    request = small(next(iter(models)), models)
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
        start = time.monotonic()
        status, page = await get(port, "/metrics")
        if status == "200":
            tally.memory.append(_memory(page))
        else:
            tally.add(f"{status} for /metrics", time.monotonic() - start)
        await asyncio.sleep(1)


async def memory(port: int) -> float:
    """MiB of the server."""
    return _memory((await get(port, "/metrics"))[1])


def _memory(page: str) -> float:
    found = re.search(r"^process_resident_memory_bytes (\d+)", page, re.MULTILINE)
    if found is None:
        raise RuntimeError(f"/metrics has no memory: {page[:200]}")
    return int(found[1]) / MIB


def report(tally: Tally, clients: int, seconds: float, models: Models) -> list[str]:
    others = f"{LEAVING} that leave, {SLOW} slow ones, {WRONG} hostile ones"
    print(f"{clients} clients, {others}; {seconds:g} s; {len(models)} models")
    for status, found in sorted(tally.seconds.items()):
        found.sort()
        quantiles = ", ".join(
            f"p{q} {1000 * found[min(len(found) * q // 100, len(found) - 1)]:.0f} ms" for q in (50, 95, 99)
        )
        print(f"  {status}: {len(found)} responses, {len(found) / seconds:.0f}/s, {quantiles}")
    print(f"  {sum(tally.hostile.values())} hostile requests: {_counts(tally.hostile)}")
    early, late = tally.memory[len(tally.memory) // 4], tally.memory[-1]
    print(
        f"  memory: {tally.memory[0]:.0f} MiB at first, {early:.0f} after a quarter, "
        f"{tally.memory[len(tally.memory) // 2]:.0f} after half, {late:.0f} at the end"
    )
    faults = [
        f"{len(found)} times {status}"
        for status, found in tally.seconds.items()
        if status not in ("200", "429")
    ]
    faults += _faults(tally.hostile)
    return faults + ([f"memory grew from {early:.0f} to {late:.0f} MiB"] if late > FLAT * early else [])


async def attack(port: int, models: Models, count: int) -> list[str]:
    """Hostile requests, 50 at a time; whatever is no valid request must be refused, and nothing may fail."""
    drawn, before = random.Random(0), await memory(port)
    statuses: Counter[str] = Counter()
    start, room = time.monotonic(), asyncio.Semaphore(50)

    async def one(number: int) -> None:
        async with room:
            statuses[
                await ask(
                    port, HOSTILE[number % len(HOSTILE)](drawn, f"/v1/{drawn.choice([*models])}/predict")
                )
            ] += 1

    await asyncio.gather(*(one(number) for number in range(count)))
    after = await memory(port)
    print(
        f"{count} hostile requests in {time.monotonic() - start:.0f} s: {_counts(statuses)}; "
        f"memory {before:.0f} to {after:.0f} MiB"
    )
    return _faults(statuses)


def _counts(statuses: Mapping[str, int]) -> str:
    return ", ".join(f"{status}: {number}" for status, number in sorted(statuses.items()))


def _faults(statuses: Mapping[str, int]) -> list[str]:
    """Hostile requests that failed; one that is as good as any other may wait too long (503)."""
    return [
        f"hostile requests: {number} times {status}"
        for status, number in statuses.items()
        if status[0] == "5" and status != "503"
    ]


def small(model: str, models: Models) -> bytes:
    """A request for one small input."""
    return look(model, [png(9, 9, bytes(90))]) if models[model] == "image" else predict(model, ["春风"])


def look(model: str, images: Sequence[bytes]) -> bytes:
    return post(form(images), f"/v1/{model}/predict", FORM)


def predict(model: str, texts: Sequence[str]) -> bytes:
    return post(json.dumps({"texts": texts}).encode(), f"/v1/{model}/predict", JSON)


async def ask(port: int, request: bytes) -> str:
    """The status of the response, or `closed`, `reset`, `hung` or `failed` without one."""
    return _status(await _exchange(port, request))


def _status(received: bytes) -> str:
    return received[:6].decode().split(" ")[0] or "closed"


async def get(port: int, path: str) -> tuple[str, str]:
    """The status as `ask` gives it, and the body."""
    received = await _exchange(port, head(f"GET {path}"))
    return _status(received), received.partition(b"\r\n\r\n")[2].decode()


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
