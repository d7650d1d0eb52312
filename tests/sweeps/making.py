"""Sweeps as text, and what runs them with numbers instead of models."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import nlpx
from nlpx.errors import Interrupted
from nlpx.sweeps.ledger import Trial
from nlpx.sweeps.load import LoadedSweep, load_sweep
from nlpx.sweeps.process import Trainer
from nlpx.sweeps.results import Outcome, Result, Status
from nlpx.sweeps.runner import Runner

ROOT = Path(nlpx.__file__).parents[1]
FAKE = (sys.executable, "-m", "tests.sweeps.fake_nlpx")
GRID = """\
config: c.yaml
seeds: [1, 2]
space:
  optimizer.learning_rate: [1e-3, 1e-2]
"""


def write(folder: Path, text: str = GRID, name: str = "s.yaml") -> Path:
    """A sweep file beside its config."""
    (folder / "c.yaml").write_text("task: couplet\noptimizer: adam\n", encoding="utf-8")
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def load(folder: Path, text: str = GRID) -> LoadedSweep:
    return load_sweep(write(folder, text))


def runner(path: Path, said: list[str], jobs: int = 1) -> Runner:
    """Runs a sweep file in the folder `runs` beside it."""
    sweep, output = load_sweep(path), path.parent / "runs"
    return Runner(sweep, output, jobs, said.append, Trainer(sweep.config, output, program=FAKE))


def outcome(number: int, values: Sequence[float], status: Status = "finished", **point: object) -> Outcome:
    """A trial of which all runs have the same status."""
    finished = status == "finished"
    results = [
        Result(seed, Path(), status, 5, {5: value}, value if finished else None)
        for seed, value in enumerate(values)
    ]
    return Outcome(Trial(number=number, point=dict(point), config=str(number)), results)


if __name__ == "__main__":
    made = runner(Path(sys.argv[1]), [], int(sys.argv[2]))
    made.say = lambda message: print(message, flush=True)
    try:
        made.run()
    except Interrupted as error:
        sys.exit(128 + error.signal_number)
