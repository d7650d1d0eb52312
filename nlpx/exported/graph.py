"""An ONNX graph, run by onnxruntime."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from nlpx.core.extras import how_to_install, missing_modules
from nlpx.errors import EnvironmentProblem

EXTRA = "onnx"
NOWHERE = "/dev/null/none"
"""A folder that cannot exist."""
SHOWN = 200
ASKED = "attention"
"""The output that is computed only when it is asked for."""
QUIET = 4
"""The level of messages that are printed: fatal ones. Errors are exceptions."""

Outputs = list[np.ndarray]


class Graph:
    """A function of arrays by name; a call may have more arrays than the graph has inputs.

    Args:
        content: an ONNX file, which may be untrusted. Weights in other files are never read.
        threads: number of CPU threads; None is one per CPU.

    Raises:
        EnvironmentProblem: onnxruntime is not installed.
        ValueError: this is not a graph that onnxruntime can run.
    """

    def __init__(self, content: bytes, threads: int | None = None) -> None:
        expect_runtime()
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.log_severity_level = QUIET
        if threads is not None:
            options.intra_op_num_threads = threads
        # Threads that wait in a loop take the processor from the decoder, and from other processes.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
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
        self._options = onnxruntime.RunOptions()
        # Otherwise, outputs that nobody fetches are computed, too.
        self._options.only_execute_path_to_fetches = len(self._usual) < len(self._outputs)

    def __call__(self, arrays: Mapping[str, np.ndarray]) -> Outputs:
        """The outputs in order, without that which has to be asked for.

        Raises:
            ValueError: the arrays do not fit the graph.
        """
        return self._run(self._usual, arrays)

    def whole(self, arrays: Mapping[str, np.ndarray]) -> Outputs:
        """All outputs in order; raises ValueError as above."""
        return self._run(self._outputs, arrays)

    def _run(self, outputs: list[str], arrays: Mapping[str, np.ndarray]) -> Outputs:
        try:
            given = {name: arrays[name] for name in self._inputs}
            found = self._session.run(outputs, given, self._options)
        except KeyError as error:
            raise ValueError(f"the graph has the input {error}, which there is no array for") from None
        except Exception as error:  # noqa: BLE001  (as above)
            raise ValueError(f"onnxruntime: {' '.join(str(error).split())[:SHOWN]}") from None
        if not all(isinstance(output, np.ndarray) for output in found):
            raise ValueError("the graph has an output that is no array")
        return list(found)


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
