"""Training step of the couplet model against a plain PyTorch twin: same sizes, same batches, same threads.

    python benchmarks/couplet_torch.py [--threads 2] [--rounds 10]

Needs PyTorch. Each has a process of its own; they take turns of ten steps. Prints medians and their ratio.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable

import numpy as np
from program import need, run
from turns import CHILD, children, medians, serve, timed

CHARACTERS, DIM, BLOCKS, BATCH, LENGTH = 5335, 128, 6, 64, 10


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=10, help="turns of each")
    parser.add_argument(CHILD, choices=STEPS, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.child:
        rng = np.random.default_rng(0)
        uppers, lowers = rng.integers(1, CHARACTERS, (2, BATCH, LENGTH), dtype=np.int32)
        serve({"step": timed(STEPS[arguments.child](uppers, lowers, arguments.threads))})
        return
    need("PyTorch", "pip install torch", "torch")
    with children(list(STEPS), ["--threads", str(arguments.threads)]) as programs:
        times = dict(zip(STEPS, medians(programs, "step", arguments.rounds), strict=True))
    print(f"couplet step, batch {BATCH} x {LENGTH}, {CHARACTERS} characters, {arguments.threads} threads")
    print("| | ms | relative |\n|---|---|---|")
    for name, value in times.items():
        print(f"| {name} | {value:.1f} | {value / times['PyTorch']:.2f} |")


def nlpx_step(uppers: np.ndarray, lowers: np.ndarray, threads: int) -> Callable[[], object]:
    """One update of the default couplet model by nlpx's own training step."""
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(threads)
    tf.config.threading.set_inter_op_parallelism_threads(1)

    from nlpx.components.optimizers.adam import Adam
    from nlpx.engine.update import Update
    from nlpx.models.tagger import Tagger, TaggingLearner
    from nlpx.tasks.couplet.config import Couplet

    spec = Couplet(task="couplet")
    model = Tagger(spec.model, characters=CHARACTERS, labels=CHARACTERS, ngram_sizes={})
    step = Update(TaggingLearner(model, spec.loss), Adam().build(1000))
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


STEPS = {"nlpx": nlpx_step, "PyTorch": torch_step}

if __name__ == "__main__":
    run(main)
