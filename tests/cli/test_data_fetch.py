"""`nlpx data list|fetch` against a server on this machine that breaks off, lies, or has another version."""

from __future__ import annotations

import hashlib
import io
import json
import resource
import threading
from collections.abc import Callable, Iterator
from functools import partial
from http.client import HTTPMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request

import pytest

from nlpx.data import corpora, download
from nlpx.data.corpora import CORPORA, CorpusFile, PublicCorpus
from tests.cli.program import Nlpx, nlpx

__all__ = ["nlpx"]

CONTENT = bytes(range(256)) * 5000
SHA256 = hashlib.sha256(CONTENT).hexdigest()
ROOT = Path(__file__).resolve().parents[2]


class Server(ThreadingHTTPServer):
    """Serves CONTENT; `asked` are the ranges that were asked for.

    Attributes:
        cuts: after how many bytes the next responses break off; None for whole ones.
        status: sent instead of the file.
        tag: the version of the file; empty if the server does not tell it.
        length: whether it says how long the file is.
        checks: whether it compares the version that a request has with its own.
        headers: further ones of every response.
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.content, self.tag, self.status, self.length = CONTENT, '"1"', 200, True
        self.checks, self.headers = True, dict[str, str]()
        self.cuts: list[int | None] = []
        self.asked: list[str | None] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/corpus.bin"


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        wanted = self.headers["Range"]
        self.server.asked.append(wanted)
        if self.server.status != 200:
            self.send_response(self.server.status)
            self.send_header("Location", self.server.headers.get("Location", "file:///etc/passwd"))
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        content, start = self.server.content, 0
        if wanted and (self.headers["If-Range"] == self.server.tag or not self.server.checks):
            start = int(wanted.removeprefix("bytes=").removesuffix("-"))
        self.send_response(206 if start else 200)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        if self.server.tag:
            self.send_header("ETag", self.server.tag)
        if self.server.length:
            self.send_header("Content-Length", str(len(content) - start))
        for name, value in self.server.headers.items():
            self.send_header(name, value)
        self.end_headers()
        cut = self.server.cuts.pop(0) if self.server.cuts else None
        self.wfile.write(content[start:][:cut])
        self.close_connection = True

    def log_message(self, format: str, *args: Any) -> None:
        pass


Fetch = Callable[..., Any]


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setattr(download, "PAUSE", 0.0)
    made = Server()
    thread = threading.Thread(target=partial(made.serve_forever, 0.01))
    thread.start()
    yield made
    made.shutdown()
    thread.join()
    made.server_close()


@pytest.fixture
def fetch(nlpx: Nlpx, server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Fetch:
    def run(sha256: str = "", *arguments: str) -> Any:
        corpus = PublicCorpus(
            "mine", "couplet", "few", "free", "page", [CorpusFile(server.url, sha256)], "{type: pairs}"
        )
        monkeypatch.setitem(corpora.BY_NAME, "mine", corpus)
        return nlpx("data", "fetch", "mine", "--output", tmp_path / "data", *arguments)

    return run


def folder(tmp_path: Path) -> list[str]:
    return sorted(path.name for path in (tmp_path / "data" / "mine").iterdir())


def test_a_download_that_breaks_off_is_continued(fetch: Fetch, server: Server, tmp_path: Path) -> None:
    server.cuts = [300_000, 0, 400_000]
    done = fetch(SHA256, "--json")
    assert done.code == 0, done.err
    assert server.asked == [None, "bytes=300000-", "bytes=300000-", "bytes=700000-"]
    assert done.err.count("broke off at 300,000 bytes (300,000 of 1,280,000 bytes arrived); continuing") == 2
    (file,) = json.loads(done.out)["files"]
    assert (file["sha256"], file["size"], file["verified"]) == (SHA256, len(CONTENT), True)
    assert folder(tmp_path) == ["corpus.bin"]
    assert Path(file["path"]).read_bytes() == CONTENT
    server.asked.clear()
    again = fetch(SHA256)
    assert (again.code, "was there already" in again.out, server.asked) == (0, True, [])


def test_a_full_disk_is_named_and_what_it_took_is_continued(
    fetch: Fetch, server: Server, tmp_path: Path
) -> None:
    size = 2 * download.CHUNK - 4000  # less than the buffer is left of the second chunk
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        done = fetch()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert (
        done.code,
        "corpus.bin: cannot be written: File too large. Free space, and fetch" in done.err,
    ) == (
        4,
        True,
    )
    assert (fetch().code, server.asked) == (0, [None, f"bytes={size}-"])
    assert (tmp_path / "data" / "mine" / "corpus.bin").read_bytes() == CONTENT


def test_the_same_command_continues_later(fetch: Fetch, server: Server, tmp_path: Path) -> None:
    server.cuts = [300_000, 0, 0, 0, 0]
    done = fetch()
    assert done.code == 4
    assert "300,000 bytes are kept; try again later, which continues there" in done.err
    assert folder(tmp_path) == ["corpus.bin.part", "corpus.bin.part.version"]
    server.cuts = []
    done = fetch()
    assert (done.code, server.asked[-1]) == (0, "bytes=300000-")
    assert f"continued; SHA-256 {SHA256}, no checksum is known to compare it with" in done.out
    assert f"data:\n  root: {tmp_path / 'data' / 'mine'}\n  source: {{type: pairs}}" in done.out
    assert folder(tmp_path) == ["corpus.bin"]


@pytest.mark.parametrize("tag", ['"2"', "", 'W/"1"'])
def test_another_version_is_downloaded_from_its_beginning(
    fetch: Fetch, server: Server, tmp_path: Path, tag: str
) -> None:
    server.cuts, server.tag = [300_000, 0, 0, 0, 0], tag if tag != '"2"' else '"1"'
    assert fetch().code == 4
    server.cuts, server.tag, server.content = [], tag, CONTENT[::-1]
    assert fetch().code == 0
    assert (tmp_path / "data/mine/corpus.bin").read_bytes() == CONTENT[::-1]


def test_a_server_that_continues_another_version(fetch: Fetch, server: Server, tmp_path: Path) -> None:
    server.cuts, server.checks = [300_000, 0, 0, 0], False
    assert fetch().code == 4
    server.content, server.tag = CONTENT[::-1], '"2"'
    done = fetch()
    assert (done.code, "continued another version" in done.err) == (0, True)
    assert (tmp_path / "data" / "mine" / "corpus.bin").read_bytes() == CONTENT[::-1]


@pytest.mark.parametrize(
    ("headers", "content", "status", "code", "what"),
    [
        ({"Content-Encoding": "gzip"}, CONTENT, 200, 3, "a version of it that is encoded as gzip"),
        ({"Content-Type": "text/html; charset=utf-8"}, CONTENT, 200, 3, "sent a web page"),
        ({}, b"", 200, 4, "sent an empty file"),
        ({"Content-Length": "9" * 5000}, CONTENT, 200, 3, "does not say how long the file is"),
        ({"Location": "http://["}, CONTENT, 302, 4, "its response is not valid"),
    ],
)
def test_responses_that_are_not_the_file(
    fetch: Fetch,
    server: Server,
    tmp_path: Path,
    headers: dict[str, str],
    content: bytes,
    status: int,
    code: int,
    what: str,
) -> None:
    server.headers, server.content, server.status = headers, content, status
    server.length = "Content-Length" not in headers
    done = fetch()
    assert (done.code, what in done.err) == (code, True), done.err
    assert "corpus.bin" not in folder(tmp_path)


def test_a_wrong_checksum_leaves_nothing(fetch: Fetch, server: Server, tmp_path: Path) -> None:
    done = fetch("0" * 64)
    assert done.code == 3
    assert f"has the SHA-256 {SHA256}, expected {'0' * 64}" in done.err
    assert folder(tmp_path) == []
    (tmp_path / "data/mine/corpus.bin").write_bytes(b"mine")
    done = fetch(SHA256)
    assert (done.code, "Move it away" in done.err) == (3, True)
    assert (tmp_path / "data/mine/corpus.bin").read_bytes() == b"mine"


@pytest.mark.parametrize(
    ("status", "code", "asked", "message"),
    [
        (404, 3, 1, "the server responded with 404 Not Found. The file may have moved"),
        (302, 3, 1, "is not allowed"),
        (503, 4, 4, "cannot be downloaded: Service Unavailable"),
    ],
)
def test_a_server_without_the_file(
    fetch: Fetch, server: Server, tmp_path: Path, status: int, code: int, asked: int, message: str
) -> None:
    server.status = status
    done = fetch()
    assert (done.code, message in done.err, len(server.asked)) == (code, True, asked), done.err
    assert "corpus.bin" not in folder(tmp_path)


@pytest.mark.parametrize(("before", "after"), [("https", "http"), ("http", "ftp"), ("https", "file")])
def test_redirections_that_are_not_secure(before: str, after: str) -> None:
    request = Request(f"{before}://example.org/a")
    with pytest.raises(HTTPError, match="a redirection that is not secure"):
        download._Redirections().redirect_request(
            request, io.BytesIO(), 302, "Found", HTTPMessage(), f"{after}://example.org/b"
        )


def test_a_server_that_does_not_say_how_long_a_file_is(fetch: Fetch, server: Server, tmp_path: Path) -> None:
    server.length = False
    done = fetch()
    assert (done.code, "does not say how long" in done.err) == (3, True)
    done = fetch(SHA256)
    assert (done.code, folder(tmp_path)) == (0, ["corpus.bin"])


def test_no_server(fetch: Fetch, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Server, "url", "http://127.0.0.1:9/corpus.bin")
    done = fetch()
    assert (done.code, "cannot be downloaded: Connection refused" in done.err) == (4, True), done.err


def test_two_processes_do_not_write_one_file(fetch: Fetch, server: Server, tmp_path: Path) -> None:
    (tmp_path / "data/mine").mkdir(parents=True)
    with download._locked(tmp_path / "data/mine/corpus.bin.part"):
        done = fetch()
    assert (done.code, "another process is downloading this file" in done.err) == (4, True)


def test_corpora_that_are_obtained_by_hand(nlpx: Nlpx) -> None:
    done = nlpx("data", "fetch", "thucnews")
    assert (done.code, "by hand from http://thuctc.thunlp.org/" in done.err) == (2, True)
    assert "did you mean waimai?" in nlpx("data", "fetch", "waimei").err


def test_the_list(nlpx: Nlpx) -> None:
    done = nlpx("data", "list")
    assert done.code == 0
    assert [line for line in done.out.splitlines() if not line.startswith(" ")] == [c.name for c in CORPORA]
    assert "nlpx data fetch chnsenticorp" in done.out
    assert [entry["name"] for entry in json.loads(nlpx("data", "list", "--json").out)] == [
        c.name for c in CORPORA
    ]


def test_the_pages_are_those_of_the_readme() -> None:
    readme = (ROOT / "data" / "README.md").read_text(encoding="utf-8")
    assert [corpus.page for corpus in CORPORA if f"<{corpus.page}>" not in readme] == []
