"""Import TensorFlow and Keras quietly: their startup messages go to a log, not to the user.

Environment:
    NLPX_THREADS: number of CPU threads that TensorFlow may use, within and between operations;
        default: one per CPU.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from nlpx.core.files import open_appending
from nlpx.errors import EnvironmentProblem, UsageError

THREADS = "NLPX_THREADS"
MOST_THREADS = 1024


@contextmanager
def framework(log: Path | None) -> Iterator[None]:
    """Import TensorFlow and Keras, with standard error redirected to `log` in the block.

    Only for imports: `with framework(run.framework_log): from nlpx.engine.train import train`.

    Args:
        log: file to append to; output is discarded if it is None or cannot be written.

    Raises:
        EnvironmentProblem: TensorFlow or Keras cannot be imported.
        UsageError: NLPX_THREADS is not a positive number.
    """
    limit = threads()
    # 1 discards messages of level INFO, some of which come long after the start; warnings and errors stay.
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "1")
    os.environ["KERAS_BACKEND"] = "tensorflow"
    with _standard_error_in(log):
        _import(limit)
        yield


def devices() -> list[str]:
    """The devices of TensorFlow, such as `GPU NVIDIA H100`; call it after `framework`."""
    import tensorflow as tf

    found = []
    for device in tf.config.list_physical_devices():
        name = tf.config.experimental.get_device_details(device).get("device_name", "")
        found.append(f"{device.device_type} {name}".strip())
    return found


def threads() -> int | None:
    """The number of CPU threads that NLPX_THREADS allows; None if it is not set. Raises UsageError."""
    text = os.environ.get(THREADS)
    if not text:
        return None
    digits = text.isascii() and text.isdigit() and len(text) <= len(str(MOST_THREADS))
    if not digits or not 1 <= int(text) <= MOST_THREADS:
        wanted = f"a number of threads from 1 to {MOST_THREADS:,}"
        raise UsageError(f"${THREADS} is {text!r}. Expected {wanted}, or unset it.")
    return int(text)


def _import(threads: int | None) -> None:
    first = "tensorflow" not in sys.modules
    try:
        with _without_collection():
            import tensorflow as tf

        # TensorFlow would warn about every new shape, but a run has a few by design.
        tf.get_logger().setLevel("ERROR")
        if threads is not None and first:
            # Both pools: with one thread inside operations, independent operations still ran on several CPUs.
            tf.config.threading.set_intra_op_parallelism_threads(threads)
            tf.config.threading.set_inter_op_parallelism_threads(threads)
        # Find the devices now, while warnings about missing drivers go to the log.
        devices = tf.config.list_logical_devices()
        with _without_collection():
            import keras

        backend = keras.config.backend()
    except (ImportError, AttributeError, OSError, RuntimeError, TypeError, ValueError) as error:
        raise EnvironmentProblem(
            f"TensorFlow or Keras cannot be imported: {type(error).__name__}: {error}. Reinstall nlpx in a "
            "fresh environment: `make clean train` in its checkout, or `pip install -e .` there."
        ) from error
    if backend != "tensorflow":
        raise EnvironmentProblem(
            f"Keras was imported before nlpx with the backend {backend!r}; nlpx requires 'tensorflow'. "
            "Set KERAS_BACKEND=tensorflow."
        )
    if first:
        names = ", ".join(device.name for device in devices)
        _note(f"tensorflow {tf.__version__}, keras {keras.__version__}, devices {names}")


def _note(message: str) -> None:
    """Write a line into the log, unless its disk is full: training tells that by what it writes itself."""
    with suppress(OSError):
        print(message, file=sys.stderr)


@contextmanager
def _without_collection() -> Iterator[None]:
    """Import what stays: to search it for garbage would take an eighth of the time of importing it."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


@contextmanager
def _standard_error_in(log: Path | None) -> Iterator[None]:
    """Redirect file descriptor 2 to a file, because C++ libraries write to it directly."""
    sys.stderr.flush()
    kept = os.dup(2)
    target = _open(log)
    try:
        os.dup2(target, 2)
        yield
    finally:
        with suppress(OSError):
            sys.stderr.flush()
        os.dup2(kept, 2)
        os.close(kept)
        os.close(target)


def _open(log: Path | None) -> int:
    if log is not None:
        try:
            with open_appending(log) as file:
                return os.dup(file.fileno())
        except OSError:
            pass
    return os.open(os.devnull, os.O_WRONLY)
