"""Counters of a server, in the text format of Prometheus."""

from __future__ import annotations

import resource
import sys
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Mapping

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
ROWS = (1, 2, 4, 8, 16, 32, 64, 128, 256)
Labels = tuple[tuple[str, str], ...]


class Histogram:
    """How many values were at most each of some bounds, for each set of labels."""

    def __init__(self, bounds: tuple[float, ...]) -> None:
        self._bounds = bounds
        self._counts: dict[Labels, list[int]] = {}
        self._sums: Counter[Labels] = Counter()

    def add(self, labels: Labels, value: float) -> None:
        counts = self._counts.setdefault(labels, [0] * (len(self._bounds) + 1))
        counts[bisect_left(self._bounds, value)] += 1
        self._sums[labels] += value  # type: ignore[assignment]  # a Counter of floats

    def lines(self, name: str) -> Iterator[str]:
        for labels, counts in self._counts.items():
            total = 0
            for bound, count in zip((*self._bounds, "+Inf"), counts, strict=True):
                total += count
                yield f"{name}_bucket{_shown((*labels, ('le', str(bound))))} {total}"
            yield f"{name}_sum{_shown(labels)} {self._sums[labels]:.6f}"
            yield f"{name}_count{_shown(labels)} {total}"


class Meters:
    """What a server has done. Labels are names of models, routes and reasons, never text of a client."""

    def __init__(self) -> None:
        self._counts: dict[str, Counter[Labels]] = {
            "nlpx_requests_total": Counter(),
            "nlpx_rows_total": Counter(),
            "nlpx_rows_left_total": Counter(),
            "nlpx_refused_total": Counter(),
        }
        self._histograms = {
            "nlpx_request_seconds": Histogram(SECONDS),
            "nlpx_batch_seconds": Histogram(SECONDS),
            "nlpx_batch_rows": Histogram(ROWS),
        }

    def request(self, route: str, model: str, status: int, seconds: float) -> None:
        """A request with its response, or 499 if the client had left before it."""
        labels = (("route", route), ("model", model))
        self._counts["nlpx_requests_total"][(*labels, ("status", str(status)))] += 1
        self._histograms["nlpx_request_seconds"].add(labels, seconds)

    def batch(self, model: str, rows: int, seconds: float) -> None:
        """A batch that was computed."""
        labels = (("model", model),)
        self._counts["nlpx_rows_total"][labels] += rows
        self._histograms["nlpx_batch_rows"].add(labels, rows)
        self._histograms["nlpx_batch_seconds"].add(labels, seconds)

    def left(self, model: str, reason: str) -> None:
        """A row that left the queue before it was computed."""
        self._counts["nlpx_rows_left_total"][(("model", model), ("reason", reason))] += 1

    def refused(self, model: str, reason: str) -> None:
        """A request that was not taken."""
        self._counts["nlpx_refused_total"][(("model", model), ("reason", reason))] += 1

    def text(self, waiting: Mapping[str, int]) -> str:
        """All meters, with the number of waiting rows of each model."""
        lines = []
        for name, counts in self._counts.items():
            lines += [f"# TYPE {name} counter", *(f"{name}{_shown(key)} {n}" for key, n in counts.items())]
        for name, histogram in self._histograms.items():
            lines += [f"# TYPE {name} histogram", *histogram.lines(name)]
        lines.append("# TYPE nlpx_waiting_rows gauge")
        lines += [f"nlpx_waiting_rows{_shown((('model', name),))} {rows}" for name, rows in waiting.items()]
        lines += ["# TYPE process_resident_memory_bytes gauge", f"process_resident_memory_bytes {memory()}"]
        return "\n".join(lines) + "\n"


def memory() -> int:
    """Resident bytes of this process; where the system does not tell, the most that there were."""
    try:
        with open("/proc/self/statm", encoding="ascii") as file:  # noqa: PTH123  (read for every scrape)
            return int(file.read().split()[1]) * resource.getpagesize()
    except OSError:
        unit = 1 if sys.platform == "darwin" else 1024
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def _shown(labels: Labels) -> str:
    inside = ",".join(f'{name}="{_escaped(value)}"' for name, value in labels)
    return f"{{{inside}}}" if inside else ""


def _escaped(value: str) -> str:
    return value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
