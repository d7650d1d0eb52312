"""The limits of a server."""

from __future__ import annotations

from dataclasses import dataclass

from nlpx.errors import UsageError


@dataclass(frozen=True)
class Limits:
    """How much a server takes, and for how long.

    A row is one text, one image, or one sample to be generated; some options make it count as several.

    Attributes:
        batch_rows: rows that are computed together, at most.
        queue_rows: rows of a model that may wait.
        rows: rows of one request.
        characters: length of a text.
        body: bytes of a request, of all its images together.
        pixels: of an image, which compression may hide.
        wait: seconds for which the first row of a batch waits for others.
        deadline: seconds after which a row that still waits is given up.
        timeout: seconds until the response of a request that has been read.
        reading: seconds that a client has for sending a request.
        connections: at the same time.
    """

    batch_rows: int = 64
    queue_rows: int = 1024
    rows: int = 256
    characters: int = 10_000
    body: int = 8 << 20
    pixels: int = 25_000_000
    wait: float = 0.003
    deadline: float = 10.0
    timeout: float = 30.0
    reading: float = 10.0
    connections: int = 800

    def __post_init__(self) -> None:
        if self.rows > self.queue_rows:
            raise UsageError(
                f"--max-rows {self.rows} is above --queue-rows {self.queue_rows}, so that such a request "
                "could never be accepted. Expected at most as many."
            )

    @property
    def bodies(self) -> int:
        """Bytes of all requests that are being read or computed."""
        return 32 * self.body
