"""Download a file: resumed where it broke off, verified, and complete or not there at all."""

from __future__ import annotations

import fcntl
import os
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPException, HTTPMessage, HTTPResponse
from pathlib import Path
from typing import IO, BinaryIO, cast
from urllib.error import HTTPError
from urllib.request import HTTPRedirectHandler, Request, build_opener

from nlpx.core.files import file_hash, open_appending, replace_file, sync_path
from nlpx.errors import DataError, EnvironmentProblem

PART, VERSION = ".part", ".part.version"
"""Suffixes of what has been downloaded so far, and of what the server calls this version of the file."""
CHUNK = 1 << 18
SHOWN = 200
TRIES = 4
"""Number of attempts in a row that bring nothing new."""
TIMEOUT = 30.0
PAUSE = 1.0
"""Seconds before the second attempt; each further one waits twice as long."""
RANGE = re.compile(r"bytes ([0-9]{1,18})-[0-9]+/([0-9]+|\*)")
SIZE = re.compile(r"[0-9]{1,18}")

Progress = Callable[[int, int | None], object]
"""Called with the number of bytes so far, and in total if it is known."""


@dataclass(frozen=True)
class Downloaded:
    """A complete file.

    Attributes:
        sha256: its checksum.
        size: in bytes.
        resumed: how many of these bytes an earlier attempt had.
        there: whether it existed before, so that nothing was downloaded.
    """

    sha256: str
    size: int
    resumed: int = 0
    there: bool = False


def download(
    url: str,
    path: Path,
    sha256: str = "",
    progress: Progress = lambda done, total: None,
    say: Callable[[str], object] = lambda message: None,
) -> Downloaded:
    """Download a file, and rename it into place when it is complete.

    Until then it is `NAME.part`, which the next call continues. An existing file is not downloaded again.

    Args:
        url: http or https.
        sha256: the expected checksum; empty if it is not known.
        progress: called after every chunk.
        say: called with messages about attempts that failed.

    Raises:
        DataError: the file has another checksum, or the server says that there is none.
        EnvironmentProblem: the server cannot be reached, breaks off again and again, or the disk is full.
    """
    if path.exists():
        found = file_hash(path)
        _expect(path, found, sha256, "Move it away, and fetch again")
        return Downloaded(found, path.stat().st_size, there=True)
    part = path.with_name(path.name + PART)
    with _locked(part) as file:
        before = file.tell()
        _all_of(url, path, file, bool(sha256), progress, say)
        file.flush()
        os.fsync(file.fileno())
        found = file_hash(part)
        try:
            _expect(path, found, sha256, "The download was deleted; fetch it again")
        except DataError:
            _forget(path)
            part.unlink()
            raise
        size = part.stat().st_size
        part.rename(path)
        sync_path(path.parent)
        _forget(path)
    return Downloaded(found, size, min(before, size))


def _all_of(
    url: str, path: Path, file: BinaryIO, verified: bool, progress: Progress, say: Callable[[str], object]
) -> None:
    """Append the rest of a file, in as many attempts as bring something new."""
    failures = 0
    while True:
        before = file.tell()
        try:
            _rest_of(url, path, file, verified, progress)
            return
        except (OSError, HTTPException) as error:
            _refuse(error, url, path)
            failures = 1 if file.tell() > before else failures + 1
            if failures >= TRIES:
                raise EnvironmentProblem(
                    f"{url}: cannot be downloaded: {_reason(error)}. {file.tell():,} bytes are kept; try "
                    "again later, which continues there, or download it by hand."
                ) from None
            say(f"{url}: broke off at {file.tell():,} bytes ({_reason(error)}); continuing")
            time.sleep(PAUSE * 2 ** (failures - 1))


def _rest_of(url: str, path: Path, file: BinaryIO, verified: bool, progress: Progress) -> None:
    have, version = file.tell(), _version(path)
    headers = {"Accept-Encoding": "identity", "User-Agent": "nlpx"}
    if have and version:
        # The server sends the whole file if it has another version by now.
        headers |= {"Range": f"bytes={have}-", "If-Range": version}
    with _response(Request(url, headers=headers)) as response:
        start, total = 0, response.headers.get("Content-Length")
        validator = response.headers.get("ETag", "") or response.headers.get("Last-Modified", "")
        if response.status == HTTPStatus.PARTIAL_CONTENT:
            found = RANGE.fullmatch(response.headers.get("Content-Range", ""))
            if found is None or int(found[1]) != have:
                raise HTTPException("the server sent another part than the one it was asked for")
            if validator != version:
                _forget(path)  # the next attempt starts from the beginning
                raise HTTPException("the server continued another version of the file")
            start, total = have, found[2] if found[2] != "*" else None
        if start != have:
            file.truncate(0)
            file.seek(0)
        if what := _other_than_file(response.headers, path):
            raise DataError(f"{url}: the server sent {what} instead of the file. Download it by hand.")
        # A weak tag does not promise the same bytes.
        replace_file(path.with_name(path.name + VERSION), "" if validator.startswith("W/") else validator)
        size = int(total) if total is not None and SIZE.fullmatch(total) else None
        if size is None and not response.chunked and not verified:
            raise DataError(
                f"{url}: the server does not say how long the file is, so it would not be noticed if the end "
                "were missing. Download it by hand."
            )
        while chunk := response.read(CHUNK):
            _write(file, chunk, path)
            progress(file.tell(), size)
        if size is not None and file.tell() != size:
            raise HTTPException(f"{file.tell():,} of {size:,} bytes arrived")
        if not file.tell():
            raise HTTPException("the server sent an empty file")


def _response(request: Request) -> HTTPResponse:
    """The response to a request; raises OSError or HTTPException."""
    try:
        return cast(HTTPResponse, build_opener(_Redirections).open(request, timeout=TIMEOUT))
    except ValueError as error:  # of a redirection to an address that is none
        raise HTTPException(f"its response is not valid: {error}") from None


def _other_than_file(headers: HTTPMessage, path: Path) -> str:
    """What a response contains if it is not the file itself; empty if it is."""
    coding = headers.get("Content-Encoding", "identity")
    if coding.lower() != "identity":
        return f"a version of it that is encoded as {coding[:20]}"
    page = headers.get_content_type() == "text/html" and path.suffix not in (".html", ".htm")
    return "a web page (of a login, or an error)" if page else ""


def _write(file: BinaryIO, chunk: bytes, path: Path) -> None:
    try:
        file.write(chunk)
        file.flush()
    except OSError as error:
        raise EnvironmentProblem(
            f"{path}: cannot be written: {error.strerror}. Free space, and fetch again, which continues."
        ) from None


def _refuse(error: Exception, url: str, path: Path) -> None:
    """Raise DataError for a response that the next attempt will not change."""
    if not isinstance(error, HTTPError):
        return
    if error.code == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
        _forget(path)  # the next attempt starts from the beginning
    elif error.code < HTTPStatus.INTERNAL_SERVER_ERROR and error.code not in (
        HTTPStatus.REQUEST_TIMEOUT,
        HTTPStatus.TOO_MANY_REQUESTS,
    ):
        raise DataError(
            f"{url}: the server responded with {error.code} {_line(error.reason)}. The file may have moved; "
            "look at the page of the corpus (nlpx data list), and download it by hand."
        ) from None


def _reason(error: Exception) -> str:
    inner = getattr(error, "reason", None) or error
    return _line(getattr(inner, "strerror", None) or inner) or type(error).__name__


def _line(text: object) -> str:
    """What a server or a library says, in one line."""
    return " ".join(str(text).split())[:SHOWN]


def _expect(path: Path, found: str, sha256: str, advice: str) -> None:
    if sha256 and found != sha256:
        raise DataError(f"{path}: has the SHA-256 {found}, expected {sha256}. {advice}.")


def _version(path: Path) -> str:
    with suppress(OSError, UnicodeDecodeError):
        text = path.with_name(path.name + VERSION).read_text(encoding="utf-8")
        return text if text.isprintable() else ""
    return ""


def _forget(path: Path) -> None:
    path.with_name(path.name + VERSION).unlink(missing_ok=True)


@contextmanager
def _locked(part: Path) -> Iterator[BinaryIO]:
    """What has been downloaded so far, open at its end, by this process alone."""
    try:
        file = open_appending(part)
    except OSError as error:
        raise EnvironmentProblem(
            f"{part}: cannot be written: {error.strerror or error}. Choose another --output."
        ) from None
    try:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise EnvironmentProblem(f"{part}: another process is downloading this file.") from None
        yield file
    finally:
        # What a full disk did not take is still in the buffer, and would fail again in place of the error.
        with suppress(OSError):
            file.close()


class _Redirections(HTTPRedirectHandler):
    """Follows redirections to http and https only, and never from https to http."""

    def redirect_request(
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> Request | None:
        allowed = ("https://",) if req.full_url.startswith("https://") else ("https://", "http://")
        if not newurl.startswith(allowed):
            raise HTTPError(newurl, code, "a redirection that is not secure", headers, fp)
        return super().redirect_request(req, fp, code, msg, headers, newurl)
