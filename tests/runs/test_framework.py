"""In processes of their own: what is tested is the start of TensorFlow."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

QUIET = """
import os, sys
from pathlib import Path
from nlpx.runs.framework import framework
assert "tensorflow" not in sys.modules
with framework(Path(sys.argv[1])):
    os.write(2, b"noise of a library\\n")
    import tensorflow as tf
print(tf.config.threading.get_intra_op_parallelism_threads())
print(tf.config.threading.get_inter_op_parallelism_threads())
with framework(Path("/nowhere/log.txt")):
    print("dropped", file=sys.stderr)
tf.function(lambda x: x @ x, jit_compile=True)(tf.ones((2, 2)))
print("from here on the user reads", file=sys.stderr)
"""

FULL = """
import resource, sys
from pathlib import Path
from nlpx.runs.framework import _note, _standard_error_in
resource.setrlimit(resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))
with _standard_error_in(Path(sys.argv[1])):
    _note("a line of the framework")
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
print("still here", file=sys.stderr)
"""

BROKEN = """
import sys
from nlpx.errors import EnvironmentProblem
from nlpx.runs.framework import framework
try:
    with framework(None):
        raise AssertionError("not reached")
except EnvironmentProblem as error:
    print(error)
print("still here", file=sys.stderr)
"""


def _run(code: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code, *arguments],
        env={**os.environ, **environment},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


def test_a_log_on_a_full_disk_stops_nothing(tmp_path: Path) -> None:
    done = _run(FULL, str(tmp_path / "log.txt"))
    assert done.returncode == 0, done.stderr
    assert done.stderr.endswith("still here\n")


def test_noise_goes_to_the_log_and_threads_are_limited(tmp_path: Path) -> None:
    log = tmp_path / "log.txt"
    log.write_text("earlier\n", encoding="utf-8")
    done = _run(QUIET, str(log), NLPX_THREADS="3")
    assert done.stderr == "from here on the user reads\n"
    assert done.stdout == "3\n3\n"
    lines = log.read_text(encoding="utf-8").splitlines()
    assert lines[0] == "earlier"
    assert lines[-1] == "noise of a library"
    assert any(line.startswith("tensorflow 2.") and "CPU:0" in line for line in lines)


def test_import_that_fails(tmp_path: Path) -> None:
    (tmp_path / "tensorflow.py").write_text("raise ImportError('libcudart is missing')\n", encoding="utf-8")
    path = os.pathsep.join([str(tmp_path), *filter(None, [os.environ.get("PYTHONPATH")])])
    done = _run(BROKEN, PYTHONPATH=path)
    assert done.returncode == 0, done.stderr
    assert "TensorFlow or Keras cannot be imported: ImportError: libcudart is missing" in done.stdout
    assert done.stderr == "still here\n"


@pytest.mark.parametrize("threads", ["0", "-1", "two", "２", "1025", "9" * 5000])
def test_threads_that_are_no_number(threads: str) -> None:
    code = BROKEN.replace("EnvironmentProblem", "UsageError")
    done = _run(code, NLPX_THREADS=threads)
    assert f"$NLPX_THREADS is {threads!r}. Expected a number of threads" in done.stdout
