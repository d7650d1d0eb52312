"""What is installed, and what users are told to install."""

from __future__ import annotations

import re
import tomllib
from itertools import chain
from pathlib import Path
from typing import cast

import pytest

from nlpx.config.load import load_experiment
from nlpx.config.machine import components
from nlpx.core.extras import EXTRAS, how_to_install
from tests.lowest import lowest

ROOT = Path(__file__).resolve().parents[1]
PAGES = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "data").glob("*.md")]
PROGRAMS = [path for folder in ("nlpx", "benchmarks") for path in (ROOT / folder).rglob("*.py")]
SETTINGS = [*(ROOT / "configs").rglob("*.yaml"), *(ROOT / "nlpx").rglob("*.yaml")]


def project() -> dict[str, object]:
    found = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert isinstance(found, dict)
    return found


@pytest.mark.parametrize(
    "text", ["pip install nlpx", 'pip install "nlpx[x]"', "pip install -U 'nlpx'", "nlpx[x]"]
)
def test_the_pattern_finds_the_name(text: str) -> None:
    assert names_the_package(text)
    assert not names_the_package(how_to_install("images"))


def test_nobody_is_told_to_install_nlpx_by_name() -> None:
    """On a public index that name is somebody else's package."""
    files = [*PAGES, *PROGRAMS, *SETTINGS]
    assert len(files) > 100
    assert [str(path) for path in files if names_the_package(path.read_text(encoding="utf-8"))] == []


def names_the_package(text: str) -> bool:
    extras = "|".join([*EXTRAS, "x"])
    return bool(re.search(rf"pip install (?!-e )[^\n`]*\bnlpx\b|\bnlpx\[({extras})\b", text))


def test_extras_of_the_project_are_those_that_messages_name() -> None:
    optional = project()["optional-dependencies"]
    assert isinstance(optional, dict)
    assert set(optional) == {*EXTRAS, "dev", "site"}
    for extra in EXTRAS:
        assert f".[{extra}]" in how_to_install(extra)


def test_make_train_installs_what_the_sample_experiments_and_their_export_need() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    (extras,) = re.findall(r"^TRAIN_EXTRAS := (\S+)$", makefile, re.MULTILINE)
    assert "$(PIP) --editable '.[$(TRAIN_EXTRAS)]'" in makefile
    needed = {"images"}  # to export drawn images, and to read them again
    for path in (ROOT / "configs").glob("*.yaml"):
        needed |= {spec.extra for _, spec in components(load_experiment(path, moved=True).experiment)}
    assert needed - {""} <= set(extras.split(","))


def test_the_lowest_versions_are_known_of_all_but_stubs() -> None:
    optional = project()["optional-dependencies"]
    assert isinstance(optional, dict)
    bounded = {line.partition("==")[0] for line in lowest()}
    wanted = [*cast(list[str], project()["dependencies"]), *chain(*optional.values())]
    names = {re.split(r"[<>=\[]", requirement)[0] for requirement in wanted}
    assert {name for name in names - {"nlpx"} if not name.startswith("types-")} == bounded


def test_python_is_bounded_as_the_makefile_and_tensorflow_bound_it() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    (first, last) = re.findall(r"\(3, (\d+)\)", makefile)
    assert project()["requires-python"] == f">=3.{first},<3.{int(last) + 1}"
