"""The page about the architecture names files and packages that exist, and its image is that of the code."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.docs.conftest import Program
from tests.docs.pages import ROOT, Span, markdown_pages, read

PAGES = ("docs/architecture.md", "docs/architecture.zh-CN.md")


@pytest.fixture
def drawing(program: Program) -> Any:
    return program("architecture")


def test_the_image_is_that_of_the_code(drawing: Any) -> None:
    assert drawing.main(["--check"]) == 0
    assert ("cli", "workflow") not in drawing.edges() and ("workflow", "engine") in drawing.edges()


@pytest.mark.parametrize("page", PAGES)
def test_a_parameter_visits_the_numbered_packages(page: str, drawing: Any) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    assert tuple(re.findall(r"(?m)^\d\. `nlpx/(\w+)/", text)) == drawing.PATH
    table = text.partition("|---|---|\n")[2].partition("\n\n")[0]
    named = {package for row in table.splitlines() for package in re.findall(r"`(\w+)`", row.split("|")[1])}
    assert named == drawing.ACROSS.keys()


def test_files_that_pages_name_exist() -> None:
    named = {
        (item.page, item.text)
        for page in markdown_pages()
        for item in read(page)
        if isinstance(item, Span)
        and re.fullmatch(r"(nlpx|tests|benchmarks|docs)/[\w/.-]+\.(py|yaml|md)", item.text)
    }
    assert {
        (page, name) for page, name in named if "NAME" not in name and not (ROOT / name).exists()
    } == set()
    assert (PAGES[0], "nlpx/components/losses/focal.py") in named
