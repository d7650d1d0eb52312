"""What holds for all tests."""

from __future__ import annotations

import gc
import os
import random
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests.forks import forks
from tests.trained import finished, shared, trained_once

__all__ = ["finished", "forks", "shared", "trained_once"]

if "PYTEST_XDIST_WORKER" in os.environ:
    # Every worker has one core. More threads would wait for each other, and sum in another order.
    for name in ("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ[name] = "1"

# LLVM takes a quarter of the time of compiling to make the code faster than tests need it.
os.environ.setdefault("XLA_FLAGS", "--xla_backend_optimization_level=0")

# The runs of tests become bundles only where a test is about bundles.
os.environ["NLPX_EXPORT"] = "never"
# Reports are made by the tests of reports.
os.environ["NLPX_REPORT"] = "never"
# Whatever the language of this terminal.
os.environ["NLPX_LANG"] = "en"

# Tests kill processes, not the machine: what the system has is not lost, and a disk may be slow.
os.fsync = lambda fd: None

# Graphs are millions of objects that live as long as their test; to search them for garbage takes a tenth
# of the time of all tests.
gc.set_threshold(50_000, 50, 100)


def pytest_collection_finish() -> None:
    """Spare TensorFlow what takes much of the time of tests, and what they have no use for.

    * The place in the code where an operation of a graph was created, for its errors: to find it, the stack
      is walked, which is deep below a test runner; an eighth of the time of building graphs.
    * Forgetting all kernels when a seed is set, for random operations with a state. There are none: Keras and
      nlpx draw from seeds that are given to the operation. A quarter of the time of the tests of layers.
    """
    if "tensorflow" in sys.modules:
        from tensorflow.python.eager.context import Context
        from tensorflow.python.util import tf_stack

        here = tf_stack.extract_stack()
        tf_stack.extract_stack = lambda stacklevel=1: here

        def set_seed(self: Context, seed: int) -> None:
            self._seed, self._rng = seed, random.Random(seed)

        Context._set_global_seed = set_seed


settings.register_profile("nlpx", deadline=None, derandomize=True)
settings.load_profile("nlpx")


@pytest.fixture(scope="session", autouse=True)
def own_cache(shared: Path) -> Iterator[None]:
    """Keep encoded corpora out of the user's cache, and the user's folders out of the tests."""
    saved = {name: os.environ.pop(name, None) for name in ("NLPX_CACHE", "NLPX_DATA")}
    os.environ["NLPX_CACHE"] = str(shared / "cache")
    yield
    for name, value in saved.items():
        os.environ.pop(name, None)
        if value is not None:
            os.environ[name] = value
