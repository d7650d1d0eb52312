"""Every page is there in English and in Chinese; both have the same headings, code and figures in tables."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable

import pytest
import yaml

from tests.docs.commands import LANGUAGES, of_block
from tests.docs.conftest import Program
from tests.docs.pages import ROOT, Block, read

CHINESE = ".zh-CN.md"
FOLDERS = (ROOT, ROOT / "docs", ROOT / "docs" / "plugins", ROOT / "data", ROOT / "benchmarks")
PAGES = {path.relative_to(ROOT).as_posix() for folder in FOLDERS for path in folder.glob("*.md")}
SUMMARIES = {"CHANGELOG"}
"""Pages of which the Chinese one is a summary."""
PAIRS = sorted(page.removesuffix(CHINESE) for page in PAGES if page.endswith(CHINESE))
LINK = re.compile(r"\]\(([^)#\s]+\.md)(?:#[^)]*)?\)")


def test_every_page_has_both_languages() -> None:
    assert {f"{name}.md" for name in PAIRS} == {page for page in PAGES if not page.endswith(CHINESE)}


@pytest.mark.parametrize("name", PAIRS)
def test_headings_are_in_step(name: str) -> None:
    english, chinese = headings(f"{name}.md"), headings(name + CHINESE)
    assert [marks for marks, _ in chinese] == [marks for marks, _ in english]
    for (_, here), (_, there) in zip(english, chinese, strict=True):
        name_of_task = re.match(r"[a-z_]+(?=: )", here)
        if name_of_task:
            assert there.startswith(f"{name_of_task[0]}：")


def headings(page: str) -> list[tuple[str, str]]:
    """Level and text of every heading."""
    text = re.sub(r"(?ms)^( *)```.*?^\1```$", "", (ROOT / page).read_text(encoding="utf-8"))
    return re.findall(r"(?m)^(#+) (.+)$", text)


@pytest.mark.parametrize("name", PAIRS)
def test_code_is_the_same(name: str) -> None:
    """Comments, names of files and placeholders may be translated."""
    english, chinese = blocks(f"{name}.md"), blocks(name + CHINESE)
    assert [block.language for block in chinese] == [block.language for block in english]
    for here, there in zip(english, chinese, strict=True):
        assert meaning(here) == meaning(there), (here.where, there.where)


def blocks(page: str) -> list[Block]:
    return [item for item in read(page) if isinstance(item, Block)]


def meaning(block: Block) -> object:
    """What a block is without its comments; of a formula, the letters and signs, not the words."""
    if block.language == "yaml":
        return yaml.safe_load(block.text)
    if block.language == "python":
        return ast.dump(ast.parse(block.text))
    if block.language in LANGUAGES:
        return [(command.way, command.argv if command.way != "setup" else ()) for command in of_block(block)]
    if block.language == "formula":  # those of components are compared when they are generated
        generated = block.page.startswith("docs/components.")
        return not generated and sorted(
            re.findall(r"(?<![^\W\d_])[^\W\d_](?:_\w)?(?![^\W_])|\d+|[-+−=/<>^∇|·*]", block.text)
        )
    return block.text


@pytest.mark.parametrize("name", PAIRS)
def test_figures_in_tables_are_the_same(name: str, numbers: Callable[[str], set[str]]) -> None:
    english, chinese = (
        re.findall(r"(?m)^\|.*$", (ROOT / page).read_text(encoding="utf-8"))
        for page in (f"{name}.md", name + CHINESE)
    )
    for here, there in zip(english, chinese, strict=True):
        assert numbers(here) == numbers(there), there


@pytest.mark.parametrize("name", sorted(set(PAIRS) - SUMMARIES - {"docs/components"}))
def test_figures_in_sections_are_the_same(name: str, numbers: Callable[[str], set[str]]) -> None:
    """In words and code; components are compared text by text when they are generated."""
    for here, there in zip(sections(f"{name}.md"), sections(name + CHINESE), strict=True):
        assert numbers(there) == numbers(here), there.partition("\n")[0]


def sections(page: str) -> list[str]:
    """The text under each heading, without tables."""
    text = re.sub(r"(?m)^(\|.*|```.*)\n", "", (ROOT / page).read_text(encoding="utf-8"))
    return re.split(r"(?m)^#+ ", text)[1:]


@pytest.fixture
def numbers(program: Program) -> Callable[[str], set[str]]:
    found: Callable[[str], set[str]] = program("translated").numbers
    return found


@pytest.mark.parametrize("name", PAIRS)
def test_the_languages_link_to_each_other(name: str) -> None:
    for page, other in ((f"{name}.md", name + CHINESE), (name + CHINESE, f"{name}.md")):
        start = (ROOT / page).read_text(encoding="utf-8").partition("\n## ")[0]
        assert f"]({other.rpartition('/')[2]})" in start, page


@pytest.mark.parametrize("name", PAIRS)
def test_links_stay_in_the_language(name: str) -> None:
    page = name + CHINESE
    targets = LINK.findall((ROOT / page).read_text(encoding="utf-8"))
    folder = (ROOT / page).parent
    other = (ROOT / f"{name}.md").name
    left = [
        target for target in targets if target != other and (folder / target.replace(".md", CHINESE)).exists()
    ]
    assert left == []


def test_the_site_has_every_page() -> None:
    text = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    listed = re.findall(r"[\w./-]+\.md", text[text.index("\nnav:") :])
    assert sorted(listed) == sorted(PAGES)
