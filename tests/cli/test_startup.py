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
for arguments in json.loads(sys.argv[1]):
    code = run(arguments)
    print("\\n" + json.dumps({"probe": True, "code": code, "modules": sorted(sys.modules)}))
"""
HELP = (("--help",), ("train", "--help"), ("check", "--help"))
COMMANDS = (
    ("--version",),
    ("eval", "--help"),
    ("predict", "--help"),
    ("data", "--help"),
    ("runs", "--help"),
    ("check", CONFIGS[0]),
    ("check", *CONFIGS),
    ("check", "docs/plugins/squeeze.yaml"),
    ("check", "configs/title/words.yaml"),
    ("list",),
    ("describe", "encoder/conv"),
    ("describe", "metric/bleu"),
    ("schema",),
    ("doctor", "--no-devices"),
    ("runs", "list"),
)
"""One process runs these, one after the other: what all together do not import, none does alone."""


@cache
def imported(*lines: tuple[str, ...]) -> list[frozenset[str]]:
    """The modules that a fresh process has imported after each command line."""
    command = [sys.executable, "-c", PROBE, json.dumps(lines)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, encoding="utf-8", check=True)
    found = [json.loads(line) for line in done.stdout.splitlines() if line.startswith('{"probe"')]
    assert [each["code"] for each in found] == [0] * len(lines), done.stderr
    return [frozenset(each["modules"]) for each in found]


def test_nothing_heavy_is_imported() -> None:
    found = zip(COMMANDS, imported(*COMMANDS), strict=True)
    assert {" ".join(arguments[:2]): modules & HEAVY for arguments, modules in found if modules & HEAVY} == {}


@pytest.mark.parametrize("arguments", HELP, ids=" ".join)
def test_help_imports_click_and_little_else(arguments: tuple[str, ...]) -> None:
    (modules,) = imported(arguments)
    assert modules & HEAVY == set()
    assert modules & {"pydantic", "yaml", "numpy", "scipy", "tqdm"} == set()
    assert "click" in modules


def test_a_config_is_checked_without_numpy() -> None:
    assert not {"numpy", "scipy"} & imported(*COMMANDS)[COMMANDS.index(("check", CONFIGS[0]))]


def test_the_probe_sees_what_is_imported() -> None:
    found = imported(*COMMANDS)
    assert "yaml" not in found[COMMANDS.index(("runs", "--help"))]
    assert {"pydantic", "yaml"} <= found[COMMANDS.index(("check", *CONFIGS))]
