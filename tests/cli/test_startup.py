"""What a command imports. TensorFlow takes seconds; nobody who asks for help pays for it."""

from __future__ import annotations

import json
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
HEAVY = {"tensorflow", "keras", "jieba"}
CONFIGS = sorted(str(path) for path in (ROOT / "configs").glob("*.yaml"))
PROBE = """
import json, sys
from nlpx.cli.main import run
code = run(sys.argv[1:])
print("\\n" + json.dumps({"code": code, "modules": sorted(sys.modules)}))
"""


@cache
def imported(*arguments: str) -> frozenset[str]:
    """The top-level modules that a command line imports in a fresh process."""
    done = subprocess.run(
        [sys.executable, "-c", PROBE, *arguments], cwd=ROOT, capture_output=True, encoding="utf-8", check=True
    )
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["code"] == 0, done.stderr
    return frozenset(found["modules"])


@pytest.mark.parametrize(
    "arguments",
    [
        ("--help",),
        ("--version",),
        ("train", "--help"),
        ("eval", "--help"),
        ("predict", "--help"),
        ("data", "--help"),
        ("runs", "--help"),
        ("check", *CONFIGS),
        ("check", "docs/plugins/squeeze.yaml"),
        ("check", "configs/title/words.yaml"),
        ("list",),
        ("describe", "encoder/conv"),
        ("describe", "metric/bleu"),
        ("schema",),
        ("doctor", "--no-devices"),
        ("runs", "list"),
    ],
    ids=lambda arguments: " ".join(arguments[:2]),
)
def test_nothing_heavy_is_imported(arguments: tuple[str, ...]) -> None:
    assert imported(*arguments) & HEAVY == set()


@pytest.mark.parametrize("arguments", [("--help",), ("train", "--help"), ("check", "--help")], ids=" ".join)
def test_help_imports_click_and_little_else(arguments: tuple[str, ...]) -> None:
    assert imported(*arguments) & {"pydantic", "yaml", "numpy", "scipy", "tqdm"} == set()
    assert "click" in imported(*arguments)


def test_the_probe_sees_what_is_imported() -> None:
    assert "pydantic" in imported("list")
    assert "yaml" in imported("check", *CONFIGS)
