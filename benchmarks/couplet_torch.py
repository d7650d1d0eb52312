"""Training step of the couplet model against a plain PyTorch twin: same sizes, same batches, same threads.

    python benchmarks/couplet_torch.py [--threads 2] [--rounds 30]

Needs PyTorch. Prints medians of interleaved steps and their ratio.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Callable

import numpy as np

CHARACTERS, DIM, BLOCKS, BATCH, LENGTH = 5335, 128, 6, 64, 10


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=30)
    arguments = parser.parse_args()
    try:
        import torch  # noqa: F401
    except ImportError:
        sys.exit("this benchmark compares with PyTorch, which is not installed: pip install torch")

    rng = np.random.default_rng(0)
    uppers, lowers = rng.integers(1, CHARACTERS, (2, BATCH, LENGTH), dtype=np.int32)
    steps = {
        "nlpx": nlpx_step(uppers, lowers, arguments.threads),
        "PyTorch": torch_step(uppers, lowers, arguments.threads),
    }
    times: dict[str, list[float]] = {name: [] for name in steps}
    for round_number in range(arguments.rounds + 3):
        for name, step in steps.items():
            start = time.perf_counter()
            step()
            if round_number >= 3:
                times[name].append(time.perf_counter() - start)
    medians = {name: 1e3 * statistics.median(values) for name, values in times.items()}
    print(f"couplet step, batch {BATCH} x {LENGTH}, {CHARACTERS} characters, {arguments.threads} threads")
    print("| | ms | relative |\n|---|---|---|")
    for name, value in medians.items():
        print(f"| {name} | {value:.1f} | {value / medians['PyTorch']:.2f} |")


def nlpx_step(uppers: np.ndarray, lowers: np.ndarray, threads: int) -> Callable[[], object]:
    """One update of the default couplet model by nlpx's own training step."""
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(threads)
    tf.config.threading.set_inter_op_parallelism_threads(1)

    from nlpx.models.tagger import TaggingProblem, build_tagger
    from nlpx.optimizers import build_optimizer
    from nlpx.specs.tasks.couplet import Couplet
    from nlpx.training.step import TrainStep

    spec = Couplet(task="couplet")
    model = build_tagger(
        spec.model,
        spec.model.head,
        characters=CHARACTERS,
        answers=CHARACTERS,
        ngram_sizes={},
        head_context={},
    )
    step = TrainStep(TaggingProblem(model, spec.loss), build_optimizer(spec.optimizer, total_updates=1000))
    batch = {"char": uppers, "target": lowers, "mask": np.ones(uppers.shape, bool)}
    return lambda: step([batch])


def torch_step(uppers: np.ndarray, lowers: np.ndarray, threads: int) -> Callable[[], object]:
    """The same network in PyTorch."""
    import torch
    from torch import nn

    torch.set_num_threads(threads)

    class Block(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv = nn.Conv1d(DIM, 2 * DIM, 3, padding=1)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            gate, candidate = self.conv(x).chunk(2, dim=1)
            return x * torch.sigmoid(gate) + candidate * torch.sigmoid(-gate)

    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.embedding = nn.Embedding(CHARACTERS, DIM)
            self.dropout = nn.Dropout(0.25)
            self.blocks = nn.Sequential(*(Block() for _ in range(BLOCKS)))
            self.head = nn.Linear(DIM, CHARACTERS)

        def forward(self, ids: torch.Tensor) -> torch.Tensor:
            x = self.dropout(self.embedding(ids)).transpose(1, 2)
            return self.head(self.blocks(x).transpose(1, 2))

    net = Net()
    optimizer = torch.optim.Adam(net.parameters(), lr=1e-3)
    loss = nn.CrossEntropyLoss()
    ids = torch.from_numpy(uppers.astype(np.int64))
    targets = torch.from_numpy(lowers.astype(np.int64)).flatten()

    def step() -> None:
        optimizer.zero_grad()
        loss(net(ids).flatten(0, 1), targets).backward()
        optimizer.step()

    return step


if __name__ == "__main__":
    main()
