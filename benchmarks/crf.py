"""CRF of nlpx against pytorch-crf: likelihood with gradient, and Viterbi; same numbers, same threads.

    python benchmarks/crf.py [--threads 2] [--rounds 50] [--batch 64] [--length 100] [--tags 4]

Needs PyTorch and pytorch-crf. Checks that both give the same values, then prints medians of interleaved
calls and their ratios. Likelihood with gradient is that of the mean NLL in emissions, transitions, start and stop.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

WARM_UP = 3
NAMES = ("likelihood and gradient", "Viterbi")


@dataclass(frozen=True)
class Data:
    """emissions (B, T, K), tags (B, T), lengths (B,), transitions (K, K), start and stop (K,)."""

    emissions: np.ndarray
    tags: np.ndarray
    lengths: np.ndarray
    transitions: np.ndarray
    start: np.ndarray
    stop: np.ndarray

    @property
    def mask(self) -> np.ndarray:
        return np.arange(self.tags.shape[1]) < self.lengths[:, None]


Calls = dict[str, Callable[[], tuple[np.ndarray, ...]]]
"""By name: likelihood and gradients (1 + 4 arrays), tags (B, T) with 0 outside the mask."""


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    for name, default in (("threads", 2), ("rounds", 50), ("batch", 64), ("length", 100), ("tags", 4)):
        parser.add_argument(f"--{name}", type=int, default=default)
    arguments = parser.parse_args()
    try:
        import torchcrf  # noqa: F401
    except ImportError as error:
        sys.exit(f"this benchmark compares with pytorch-crf: pip install torch pytorch-crf ({error})")

    data = make_data(arguments.batch, arguments.length, arguments.tags)
    ours, theirs = nlpx_calls(data, arguments.threads), torch_calls(data, arguments.threads)
    for name in NAMES:
        for found, expected in zip(ours[name](), theirs[name](), strict=True):
            np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-4)
    print(
        f"batch {arguments.batch}, length {arguments.length}, {arguments.tags} tags, {arguments.threads} threads\n"
    )
    print("| | nlpx, ms | pytorch-crf, ms | times faster |\n|---|---|---|---|")
    for name in NAMES:
        fast, slow = medians([ours[name], theirs[name]], arguments.rounds)
        print(f"| {name} | {fast:.2f} | {slow:.2f} | {slow / fast:.1f} |")


def make_data(batch: int, length: int, tags: int) -> Data:
    """Random scores; rows of half the length to the whole."""
    rng = np.random.default_rng(0)
    lengths = rng.integers((length + 1) // 2, length + 1, batch)
    lengths[0] = length
    scores = (rng.normal(size=shape).astype(np.float32) for shape in ((tags, tags), tags, tags))
    emissions = rng.normal(size=(batch, length, tags)).astype(np.float32)
    return Data(emissions, rng.integers(0, tags, (batch, length)), lengths, *scores)


def medians(calls: list[Callable[[], object]], rounds: int) -> list[float]:
    """Milliseconds of each call, the calls taking turns."""
    times: list[list[float]] = [[] for _ in calls]
    for _ in range(WARM_UP + rounds):
        for call, spent in zip(calls, times, strict=True):
            start = time.perf_counter()
            call()
            spent.append(time.perf_counter() - start)
    return [1e3 * statistics.median(spent[WARM_UP:]) for spent in times]


def nlpx_calls(data: Data, threads: int) -> Calls:
    """The layer as a training step uses it: inside a graph."""
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(threads)
    tf.config.threading.set_inter_op_parallelism_threads(1)

    from nlpx.layers.crf import CRF

    crf = CRF(data.transitions.shape[0], use_start=True, use_stop=True)
    crf.build(data.emissions.shape)
    crf.set_weights([data.transitions, data.start, data.stop])
    emissions, tags, mask = (tf.constant(x) for x in (data.emissions, data.tags, data.mask))

    @tf.function(autograph=False)  # type: ignore[untyped-decorator]  # TensorFlow has no types
    def likelihood() -> list[tf.Tensor]:
        sources = [emissions, *(weight.value for weight in crf.weights)]
        with tf.GradientTape() as tape:
            tape.watch(emissions)
            nll = tf.reduce_mean(crf.nll(emissions, tags, mask))
        return [nll, *tape.gradient(nll, sources)]

    @tf.function(autograph=False)  # type: ignore[untyped-decorator]  # TensorFlow has no types
    def best() -> tf.Tensor:
        return crf.viterbi(emissions, mask)[0]

    return {
        "likelihood and gradient": lambda: tuple(x.numpy() for x in likelihood()),
        "Viterbi": lambda: (best().numpy(),),
    }


def torch_calls(data: Data, threads: int) -> Calls:
    """The module of pytorch-crf."""
    import torch
    import torchcrf

    torch.set_num_threads(threads)
    crf = torchcrf.CRF(data.transitions.shape[0], batch_first=True)
    parameters = [crf.transitions, crf.start_transitions, crf.end_transitions]
    for parameter, values in zip(parameters, (data.transitions, data.start, data.stop), strict=True):
        parameter.data = torch.from_numpy(values)
    emissions, tags, mask = (torch.from_numpy(x) for x in (data.emissions, data.tags, data.mask))
    emissions.requires_grad_()

    def likelihood() -> tuple[np.ndarray, ...]:
        for parameter in (emissions, *parameters):
            parameter.grad = None
        nll = -crf(emissions, tags, mask=mask, reduction="mean")
        nll.backward()
        return nll.detach().numpy(), *(parameter.grad.numpy() for parameter in (emissions, *parameters))

    def best() -> tuple[np.ndarray, ...]:
        with torch.no_grad():
            paths = crf.decode(emissions, mask=mask)
        padded = np.zeros(data.tags.shape, np.int32)
        for row, path in zip(padded, paths, strict=True):
            row[: len(path)] = path
        return (padded,)

    return {"likelihood and gradient": likelihood, "Viterbi": best}


if __name__ == "__main__":
    main()
