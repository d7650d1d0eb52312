"""The assignment is that of SciPy."""

from __future__ import annotations

import subprocess
import sys
from importlib.machinery import PathFinder

import numpy as np
import pytest
from scipy import optimize

from nlpx.components.decoders import assignment


def test_only_the_extension_is_imported() -> None:
    code = (
        "import sys; from nlpx.components.decoders.assignment import linear_sum_assignment as f; "
        "print(f()([[1.0, 3], [2, 9]], maximize=True)[1], 'scipy.optimize' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, encoding="utf-8", check=True)
    assert done.stdout == "[0 1] False\n"


@pytest.mark.parametrize("there", [True, False])
def test_another_scipy_may_have_no_such_extension(there: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if not there:
        monkeypatch.setattr(PathFinder, "find_spec", lambda name, path: None)
    scores = np.random.default_rng(0).normal(size=(5, 9))
    found = assignment.linear_sum_assignment.__wrapped__()(scores, maximize=True)
    expected = optimize.linear_sum_assignment(scores, maximize=True)
    assert [part.tolist() for part in found] == [part.tolist() for part in expected]
