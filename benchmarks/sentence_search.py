"""Sentences as an index: made once, opened again, searched; exactly and, with faiss, approximately.

    python benchmarks/sentence_search.py [--run RUN] [--corpus FILE] [--sizes 10000 100000 1000000]
                                         [--probes 64]

Without --run, an encoder with vectors of 512 numbers is trained for one epoch on the sentences that ship with
nlpx; without --corpus, sentences are composed of the halves of these. What is looked for are lines of the
corpus without their last character; a lexical part has the weight 0.5. `made` is what is missing yet: exact
search makes the vectors, lexical search adds the postings, approximate search the cells. A search is the best
of four, with the files in memory: after a start, the first waits for the disk. `found` is the share of the
neighbours that exact search names. Every measurement has a process of its own; peak memory counts pages of
mapped files, which the system takes back when it needs them, own memory does not.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from importlib.util import find_spec
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import yaml
from program import ROOT, nlpx, run

if TYPE_CHECKING:
    from nlpx.specs.predictor import Prediction

QUERIES = (1, 16, 256)
CASES = {"exact": 0.0, "exact, lexical": 0.5, "approximate": 0.0, "approximate, lexical": 0.5}
"""With the weight of the lexical part."""
COLUMNS = ["sentences", "search", "made (s)", "peak, own (MB)", "opened (s)", "peak, own (MB)"]
COLUMNS += [*(f"ms a text, {count}" for count in QUERIES), "found"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--run", type=Path, help="a finished run of the task similarity")
    parser.add_argument("--corpus", type=Path, help="one sentence a line")
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--probes", type=int, default=64)
    parser.add_argument("--cases", nargs="+", choices=CASES, default=list(CASES))
    parser.add_argument("--step", choices=["make", "search"], help=argparse.SUPPRESS)
    parser.add_argument("--answers", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.step:
        measure(arguments)
        return
    print(f"| {' | '.join(COLUMNS)} |\n|{'---|' * len(COLUMNS)}")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        run = shutil.copytree(arguments.run or trained(folder), folder / "run")
        for size in arguments.sizes:
            corpus = folder / "corpus.txt"
            write_corpus(corpus, arguments.corpus, size)
            for case in arguments.cases:
                if case.startswith("approximate") and find_spec("faiss") is None:
                    print(f"{case}: passed over, faiss is not installed", file=sys.stderr)
                    continue
                command = [sys.executable, __file__, "--run", run, "--corpus", corpus, "--cases", case]
                command += ["--probes", str(arguments.probes), "--answers", folder]
                made, found = (
                    json.loads(
                        subprocess.run(
                            [*command, "--step", step], stdout=subprocess.PIPE, text=True, check=True
                        ).stdout
                    )
                    for step in ("make", "search")
                )
                cells = [f"{size:,}", case, f"{made['seconds']:.1f}", made["memory"]]
                cells += [f"{found['seconds']:.2f}", found["memory"]]
                cells += [f"{value:.2f}" for value in found["times"]]
                print(f"| {' | '.join([*cells, found['share']])} |", flush=True)


def trained(folder: Path) -> Path:
    """A run with the width of a real one."""
    sets = ["train.epochs=1", "model.projection=512"]
    nlpx("train", ROOT / "configs" / "similarity.yaml", "--output", folder, "--name", "trained", sets=sets)
    return folder / "similarity" / "trained"


def write_corpus(path: Path, source: Path | None, size: int) -> None:
    """Write so many different lines."""
    from nlpx.tasks.similarity.sample import similarity

    with path.open("w", encoding="utf-8") as file:
        if source is not None:
            with source.open(encoding="utf-8") as lines:
                file.writelines(islice(lines, size))
            return
        rng = random.Random(0)
        texts = [row.parts[1] for row in similarity.rows("train")]
        lines_seen: set[str] = set()
        while len(lines_seen) < size:
            first, second = rng.choices(texts, k=2)
            line = first[: len(first) // 2] + second[len(second) // 2 :]
            if line not in lines_seen:
                lines_seen.add(line)
                file.write(f"{line}\n")


def measure(arguments: argparse.Namespace) -> None:
    """Print what one step takes: making the index, or opening and searching it."""
    from nlpx.workflow.corpus import open_corpus
    from nlpx.workflow.model import open_model

    (case,) = arguments.cases
    config = yaml.safe_load((arguments.run / "resolved.yaml").read_text(encoding="utf-8"))
    config["decode"] = {"type": "nearest", "lexical": CASES[case]}
    if case.startswith("approximate"):
        config["decode"] |= {"type": "approximate", "probes": arguments.probes}
    (arguments.run / "resolved.yaml").write_text(yaml.safe_dump(config), encoding="utf-8")
    model = open_model(arguments.run, str(arguments.run), "best")
    model.prepare(lambda: open_corpus(model.experiment), print_nothing)
    start = time.perf_counter()
    model.search_in(arguments.corpus, print_nothing)
    found: dict[str, object] = {"seconds": time.perf_counter() - start}
    if arguments.step == "search":
        with arguments.corpus.open(encoding="utf-8") as lines:
            texts = [line.strip()[:-1] for line in islice(lines, sum(QUERIES))]
        times, answers = [], []
        for count in QUERIES:
            asked, texts = texts[:count], texts[count:]
            seconds = []
            for _ in range(4):  # the first time compiles what these lengths need
                start = time.perf_counter()
                answered = model.predictor.predict(asked)
                seconds.append(time.perf_counter() - start)
            times.append(1e3 * min(seconds) / count)
            answers += answered
        found |= {"times": times, "share": share(case, arguments.answers, answers)}
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({**found, "memory": f"{peak:.0f}, {own_memory():.0f}"}))


def print_nothing(message: str) -> None:
    """What is said on the way would disturb the table."""


def share(case: str, folder: Path, answers: Sequence[Prediction]) -> str:
    """How many of the neighbours that exact search has found are here; exact search writes them down."""
    fields = json.loads(json.dumps([dict(answer.fields) for answer in answers]))
    neighbours = [[found["text"] for found in each["neighbours"]] for each in fields]
    kind, _, lexical = case.partition(", ")
    path = folder / f"answers{lexical}.json"
    if kind == "exact":
        path.write_text(json.dumps(neighbours), encoding="utf-8")
        return ""
    expected = json.loads(path.read_text(encoding="utf-8"))
    pairs = list(zip(neighbours, expected, strict=True))
    hits = sum(len(set(one) & set(other)) for one, other in pairs)
    return f"{hits / sum(len(other) for _, other in pairs):.4f}"


def own_memory() -> float:
    """Megabytes of memory that belong to no file."""
    try:
        status = Path("/proc/self/status").read_text(encoding="ascii")
    except FileNotFoundError:
        return float("nan")
    found = re.search(r"RssAnon:\s*(\d+) kB", status)
    return int(found.group(1)) / 1024 if found else float("nan")


if __name__ == "__main__":
    run(main)
