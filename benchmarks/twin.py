"""The PyTorch twin of a training step, in a process of its own; `torch_twins.py` starts it.

    PYTHON benchmarks/twin.py TASK [--threads N] [--clock wall] --folder FOLDER

PYTHON is an interpreter of an environment with PyTorch and NumPy. FOLDER has the batch, the weights and the
options that nlpx wrote. Answers `loss`, without dropout, and `parameters`; `eager` and `compiled` are timed
steps.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Mapping
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from turns import CLOCKS, serve, timed


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("task")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--clock", choices=CLOCKS, default="wall")
    parser.add_argument("--folder", type=Path, required=True)
    given = parser.parse_args()

    import torch

    torch.set_num_threads(given.threads)
    torch.set_num_interop_threads(1)

    @cache
    def loaded() -> tuple[Any, Mapping[str, Any], Mapping[str, torch.Tensor]]:
        """The twin, the options and the batch."""
        from twins.parts import Weights

        options = json.loads((given.folder / "options.json").read_text(encoding="utf-8"))
        weights = Weights(dict(np.load(given.folder / "weights.npz")))
        net = getattr(import_module(f"twins.{given.task}"), given.task.title())(weights, options)
        if weights.left:
            raise ValueError(f"the twin lacks {', '.join(weights.left)}")
        batch = {
            name: torch.from_numpy(values) for name, values in np.load(given.folder / "batch.npz").items()
        }
        # PyTorch wants indices of 64 bits.
        return net, options, {n: v.long() if v.dtype == torch.int32 else v for n, v in batch.items()}

    def loss() -> list[float]:
        net, _, batch = loaded()
        net.eval()
        with torch.no_grad():
            found = net(batch)
        net.train()
        return [found.item()]

    def parameters() -> list[int]:
        return [sum(p.numel() for p in loaded()[0].parameters() if p.requires_grad)]

    def step(compiled: bool) -> Callable[[], list[float]]:
        turn: list[Callable[[], list[float]]] = []

        def take() -> list[float]:
            if not turn:
                turn.append(timed(training(*loaded(), compiled), warm_up=1, block=5, clock=given.clock))
            return turn[0]()

        return take

    serve({"loss": loss, "parameters": parameters, "eager": step(False), "compiled": step(True)})


def training(
    net: Any, options: Mapping[str, Any], batch: Mapping[str, Any], compiled: bool
) -> Callable[[], float]:
    """One update, with the tricks of the config that nlpx makes as well."""
    import torch

    parameters = [parameter for parameter in net.parameters() if parameter.requires_grad]
    tricks = {trick["type"]: trick for trick in options["tricks"]}
    assert tricks.keys() <= {"gradient_clip", "ema"}
    optimizer = torch.optim.Adam(
        parameters,
        lr=options["optimizer"]["learning_rate"],
        eps=options["optimizer"]["epsilon"],
        fused=True,
    )
    averages = [parameter.detach().clone() for parameter in parameters] if "ema" in tricks else []
    run = torch.compile(net) if compiled else net

    def step() -> float:
        optimizer.zero_grad()
        loss = run(batch)
        loss.backward()
        if "gradient_clip" in tricks:
            torch.nn.utils.clip_grad_norm_(parameters, tricks["gradient_clip"]["norm"])
        optimizer.step()
        if averages:
            with torch.no_grad():
                torch._foreach_lerp_(averages, parameters, 1 - tricks["ema"]["momentum"])
        return float(loss.item())

    return step


if __name__ == "__main__":
    main()
