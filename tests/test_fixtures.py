"""Every reference value of the articles is tested under its number: `test_f7_...`."""

from __future__ import annotations

import re
from pathlib import Path

NUMBERS = range(1, 28)


def test_every_fixture_has_a_test() -> None:
    files = Path(__file__).parent.rglob("test_*.py")
    found = {int(n) for file in files for n in re.findall(r"def test_f(\d+)_", file.read_text("utf-8"))}
    assert found >= set(NUMBERS)
