"""An ONNX graph, run by onnxruntime."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from threading import Timer
from typing import TYPE_CHECKING

import numpy as np

from nlpx.core.extras import how_to_install, missing_modules
from nlpx.errors import EnvironmentProblem
from nlpx.exported.onnx_file import has_loops

if TYPE_CHECKING:
    import onnxruntime

EXTRA = "onnx"
NOWHERE = "/dev/null/none"
"""A folder that cannot exist."""
SHOWN = 200
ASKED = "attention"
"""The output that is computed only when it is asked for."""
QUIET = 4
"""The level of messages that are printed: fatal ones. Errors are exceptions."""

SECONDS, SECONDS_PER_NUMBER = 60.0, 0.02
"""How long a call of a graph with loops may take, and how much longer for every number of its inputs."""

Outputs = list[np.ndarray]

# Otherwise onnxruntime keeps a number of this machine in the home directory, and tells its maker which graphs
# are loaded. It reads this when it is imported, which only this file does.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"


class EndlessLoop(ValueError):
    """A call was stopped after that time."""


class Graph:
    """A function of arrays by name; a call may have more arrays than the graph has inputs.

    A graph with loops, such as a recurrent layer, is stopped if it takes too long: nothing else would stop a
    loop without end, not even Ctrl-C.

    Args:
        content: an ONNX file, which may be untrusted. Weights in other files are refused.
        threads: number of CPU threads; None is one per CPU.

    Raises:
        EnvironmentProblem: onnxruntime is not installed.
        ValueError: this is not a graph that onnxruntime can run.
    """

    def __init__(self, content: bytes, threads: int | None = None) -> None:
        expect_runtime()
        import onnxruntime

        try:
            self._loops = has_loops(content)
        except ValueError as error:
            raise ValueError(f"onnxruntime cannot read it: {error}") from None
        options = onnxruntime.SessionOptions()
        options.log_severity_level = QUIET
        if threads is not None:
            options.intra_op_num_threads = threads
        # Threads that wait in a loop take the processor from the decoder, and from other processes.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        # Otherwise, a file of another form is recognized, whose loops have not been looked for.
        options.add_session_config_entry("session.load_model_format", "ONNX")
        # By default, a graph may name any file below or above the working directory as its weights.
        options.add_session_config_entry("session.model_external_initializers_file_folder_path", NOWHERE)
        try:
            self._session = onnxruntime.InferenceSession(content, options, ["CPUExecutionProvider"])
        except Exception as error:  # noqa: BLE001  (its exceptions have no other base class)
            reason = " ".join(str(error).split())[:SHOWN]
            raise ValueError(f"onnxruntime cannot read it: {reason}") from None
        self._inputs = [given.name for given in self._session.get_inputs()]
        self._outputs = [given.name for given in self._session.get_outputs()]
        self._usual = [name for name in self._outputs if name != ASKED]
        self._options = self._run_options()

    def _run_options(self) -> onnxruntime.RunOptions:
        import onnxruntime

        options = onnxruntime.RunOptions()
        # Otherwise, outputs that nobody fetches are computed, too.
        options.only_execute_path_to_fetches = len(self._usual) < len(self._outputs)
        return options

    def __call__(self, arrays: Mapping[str, np.ndarray]) -> Outputs:
        """The outputs in order, without that which has to be asked for.

        Raises:
            ValueError: the arrays do not fit the graph.
            EndlessLoop: it took too long.
        """
        return self._run(self._usual, arrays)

    def whole(self, arrays: Mapping[str, np.ndarray]) -> Outputs:
        """All outputs in order; raises the same as above."""
        return self._run(self._outputs, arrays)

    def _run(self, outputs: list[str], arrays: Mapping[str, np.ndarray]) -> Outputs:
        try:
            given = {name: arrays[name] for name in self._inputs}
        except KeyError as error:
            raise ValueError(f"the graph has the input {error}, which there is no array for") from None
        options, seconds = self._options, 0.0
        stopping: AbstractContextManager[None] = nullcontext()
        if self._loops:
            options = self._run_options()  # calls in several threads end at times of their own
            seconds = SECONDS + SECONDS_PER_NUMBER * sum(array.size for array in given.values())
            stopping = _stopped(options, seconds)
        try:
            with stopping:
                found = self._session.run(outputs, given, options)
        except Exception as error:  # noqa: BLE001  (as above)
            if options.terminate:
                raise EndlessLoop(f"a loop of it has not ended after {seconds:.0f} seconds") from None
            raise ValueError(f"onnxruntime: {' '.join(str(error).split())[:SHOWN]}") from None
        if not all(isinstance(output, np.ndarray) for output in found):
            raise ValueError("the graph has an output that is no array")
        return list(found)


@contextmanager
def _stopped(options: onnxruntime.RunOptions, seconds: float) -> Iterator[None]:
    """What runs in this block with these options is stopped if it takes longer."""
    timer = Timer(seconds, setattr, (options, "terminate", True))
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def expect_runtime() -> None:
    """Raise EnvironmentProblem if onnxruntime is not installed, or does not work."""
    if missing_modules(EXTRA):
        raise EnvironmentProblem(
            f"onnxruntime is not installed, which exported models need. Install it: {how_to_install(EXTRA)}"
        )
    try:
        import onnxruntime  # noqa: F401
    except Exception as error:
        reason = " ".join(str(error).split())[:SHOWN]
        raise EnvironmentProblem(
            f"onnxruntime cannot be imported: {type(error).__name__}: {reason}. Reinstall it: pip install "
            "--force-reinstall onnxruntime"
        ) from error
