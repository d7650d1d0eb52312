"""Kill `nlpx train` at random steps, resume it, and compare what is left with a run that was never killed.

    python benchmarks/resume.py [--kills 20] [--seed 0]

The run has dropout, accumulation, EMA, clipping and a schedule, on the sample of couplets. Every kill is
SIGKILL, at a random moment after the run has recorded some more lines. Compared byte for byte are the last
checkpoint (weights, optimizer, averages, seeds, progress), metrics.jsonl, metrics.csv and samples.jsonl.
Exits with 1 if anything differs.
"""

from __future__ import annotations

import argparse
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

RECORDS = ("metrics.jsonl", "metrics.csv", "samples.jsonl")
CONFIG = """\
task: couplet
seed: 11
data:
  source: {type: builtin, name: couplet}
model:
  embedding: {dim: 16, dropout: 0.25}
  encoder:
    - {type: gated_conv, kernel_size: 3, dropout: 0.1, gate_noise: 0.1, repeat: 2}
  head: {type: softmax}
optimizer: {type: adam, learning_rate: 3e-3, schedule: {type: cosine, warmup_steps: 20}}
tricks:
  - {type: gradient_clip, norm: 1.0}
  - {type: ema, momentum: 0.98}
train: {steps: STEPS, batch_size: 16, accumulation: 2, evaluate_every: 100, log_every: 5}
checkpoint: {every: 15, keep_best: 2, keep_last: 2}
decode: {type: argmax}
metrics: [nll, char_accuracy]
samples: [晚风摇树树还挺, 今天天气不错]
export: never
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--steps", type=int, default=800, help="updates of the whole run")
    parser.add_argument("--seed", type=int, default=0, help="of the moments of killing")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "config.yaml"
        config.write_text(CONFIG.replace("STEPS", str(arguments.steps)), encoding="utf-8")
        whole = train_whole(config, Path(folder) / "whole")
        print(f"uninterrupted: {lines_of(whole)} lines recorded", flush=True)
        killed = train_killed(config, Path(folder) / "killed", arguments)
        differences = compare(whole, killed)
    print(f"\n{arguments.kills} kills, {arguments.steps} steps")
    print("| file | |\n|---|---|")
    for name, equal in differences.items():
        print(f"| {name} | {'equal, byte for byte' if equal else 'DIFFERENT'} |")
    sys.exit(0 if all(differences.values()) else 1)


def train_whole(config: Path, output: Path) -> Path:
    """Train without interruption; returns the run directory."""
    finish(*start(output, ["train", str(config)]))
    return run_of(output)


def train_killed(config: Path, output: Path, arguments: argparse.Namespace) -> Path:
    """Train, with kills; prints what the run had reached at each, and returns the run directory."""
    rng = random.Random(arguments.seed)
    command = ["train", str(config)]
    # Each kill waits for a few more lines than the run has recorded, so that all of them fit into one run.
    most = max(1, arguments.steps // (5 * (arguments.kills + 1)))
    print("| kill | lines recorded | last checkpoint |\n|---|---|---|")
    for kill in range(1, arguments.kills + 1):
        process, messages = start(output, command)
        target = lines_of(output) + rng.randint(1, most)
        while process.poll() is None and lines_of(output) < target:
            time.sleep(0.002)
        time.sleep(rng.random() * 0.1)
        if process.poll() is not None:
            finish(process, messages)
            sys.exit(f"the run ended before kill {kill}; give it more --steps")
        process.kill()
        process.wait()
        saved = sorted(path.name for path in output.glob("*/*/checkpoints/step-*"))
        print(f"| {kill} | {lines_of(output)} | {saved[-1] if saved else 'none'} |", flush=True)
        command = ["train", "--resume", str(run_of(output))]
    finish(*start(output, command))
    return run_of(output)


def compare(whole: Path, killed: Path) -> dict[str, bool]:
    """Which files of two runs are equal."""
    last = (whole / "last").read_text(encoding="utf-8").strip()
    checkpoint = (f"checkpoints/{last}/{name}" for name in ("weights.npz", "state.npz", "state.json"))
    names = [*checkpoint, *RECORDS, "best", "last"]
    return {
        name: (killed / name).is_file() and (whole / name).read_bytes() == (killed / name).read_bytes()
        for name in names
    }


def start(output: Path, arguments: list[str]) -> tuple[subprocess.Popen[bytes], Path]:
    """A training in a process of its own, and the file that its messages go to."""
    command = [sys.executable, "-c", "from nlpx.cli.main import main; main()", *arguments]
    environment = {**os.environ, "TF_NUM_INTRAOP_THREADS": "2"}
    messages = output.with_suffix(".txt")
    with messages.open("wb") as file:
        process = subprocess.Popen(
            [*command, "--output", str(output)], env=environment, stdout=subprocess.DEVNULL, stderr=file
        )
    return process, messages


def finish(process: subprocess.Popen[bytes], messages: Path) -> None:
    """Wait for a training to end; leave with its messages if it failed."""
    if process.wait():
        sys.exit(f"nlpx ended with {process.returncode}:\n{messages.read_text(encoding='utf-8')[-2000:]}")


def run_of(output: Path) -> Path:
    """The one run of an output folder."""
    (records,) = output.glob("*/*/resolved.yaml")
    return records.parent


def lines_of(output: Path) -> int:
    """Lines in metrics.jsonl; 0 before there is one."""
    return sum(path.read_bytes().count(b"\n") for path in output.glob("*/*/metrics.jsonl"))


if __name__ == "__main__":
    main()
