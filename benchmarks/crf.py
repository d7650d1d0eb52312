"""CRF of nlpx against pytorch-crf: likelihood with gradient, and Viterbi; same numbers, same threads.

    python benchmarks/crf.py [--threads 2] [--rounds 20] [--batch 64] [--length 100] [--tags 4]

Needs PyTorch and pytorch-crf. Each library has a process of its own; they take turns of ten calls. Checks
that both give the same values, then prints medians and their ratios. The likelihood is the mean NLL, with its
gradient in emissions, transitions, start and stop.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from program import need, run
from turns import CHILD, children, medians, serve, timed


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


@dataclass(frozen=True)
class Calls:
    """One library: NLL with its four gradients, and the best tags in the form the library gives them."""

    likelihood: Callable[[], list[np.ndarray]]
    viterbi: Callable[[], Sequence[Sequence[int]]]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    for name, default in (("threads", 2), ("rounds", 20), ("batch", 64), ("length", 100), ("tags", 4)):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument(CHILD, choices=LIBRARIES, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    data = make_data(arguments.batch, arguments.length, arguments.tags)
    if arguments.child:
        answer(LIBRARIES[arguments.child](data, arguments.threads))
        return
    need("pytorch-crf", "pip install torch pytorch-crf", "torch", "torchcrf")
    given = ("threads", "batch", "length", "tags")
    options = [word for name in given for word in (f"--{name}", str(getattr(arguments, name)))]
    with children(list(LIBRARIES), options) as libraries:
        ours, theirs = ([library.ask(what) for what in ("values", "paths")] for library in libraries)
        for found, expected in zip(ours[0], theirs[0], strict=True):
            np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-4)
        for path, expected_path, length in zip(ours[1], theirs[1], data.lengths, strict=True):
            np.testing.assert_array_equal(np.array(path)[:length], expected_path)
        times = {
            name: medians(libraries, what, arguments.rounds)
            for name, what in (("likelihood and gradient", "likelihood"), ("Viterbi", "viterbi"))
        }
    sizes = f"batch {arguments.batch}, length {arguments.length}, {arguments.tags} tags"
    print(f"{sizes}, {arguments.threads} threads, load {os.getloadavg()[0]:.1f}\n")
    print("| | nlpx, ms | pytorch-crf, ms | times faster |\n|---|---|---|---|")
    for name, (fast, slow) in times.items():
        print(f"| {name} | {fast:.2f} | {slow:.2f} | {slow / fast:.1f} |")


def make_data(batch: int, length: int, tags: int) -> Data:
    """Random scores; rows of half the length to the whole."""
    rng = np.random.default_rng(0)
    lengths = rng.integers((length + 1) // 2, length + 1, batch)
    lengths[0] = length
    scores = (rng.normal(size=shape).astype(np.float32) for shape in ((tags, tags), tags, tags))
    emissions = rng.normal(size=(batch, length, tags)).astype(np.float32)
    return Data(emissions, rng.integers(0, tags, (batch, length)), lengths, *scores)


def answer(calls: Calls) -> None:
    """Be the child of one library."""
    serve(
        {
            "values": lambda: [np.asarray(values).tolist() for values in calls.likelihood()],
            "paths": lambda: [np.asarray(path).tolist() for path in calls.viterbi()],
            "likelihood": timed(calls.likelihood),
            "viterbi": timed(calls.viterbi),
        }
    )


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

    return Calls(lambda: [x.numpy() for x in likelihood()], lambda: best().numpy())


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

    def likelihood() -> list[np.ndarray]:
        for parameter in (emissions, *parameters):
            parameter.grad = None
        nll = -crf(emissions, tags, mask=mask, reduction="mean")
        nll.backward()
        return [nll.detach().numpy(), *(parameter.grad.numpy() for parameter in (emissions, *parameters))]

    def best() -> list[list[int]]:
        with torch.no_grad():
            return crf.decode(emissions, mask=mask)

    return Calls(likelihood, best)


LIBRARIES = {"nlpx": nlpx_calls, "pytorch-crf": torch_calls}

if __name__ == "__main__":
    run(main)
