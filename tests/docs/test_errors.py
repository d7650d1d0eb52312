"""The page about errors has every code, with an example as nlpx prints it today."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from nlpx.config.explained import explanation
from nlpx.config.problems import CODES
from tests.cli.program import Nlpx, nlpx
from tests.docs.mistakes import PAGES, printed
from tests.docs.pages import ROOT, Block, read

__all__ = ["nlpx"]

EXAMPLES = {
    page: {item.section[:4]: item.text for item in read(page) if isinstance(item, Block)} for page in PAGES
}
"""Page -> code -> the block below its heading."""


@pytest.mark.parametrize("page", PAGES)
def test_every_code_has_an_entry_in_order(page: str) -> None:
    headings = re.findall(r"(?m)^### (C\d+)(?:: |：)(.+)$", (ROOT / page).read_text(encoding="utf-8"))
    assert [code for code, _ in headings] == list(CODES) == list(EXAMPLES[page])
    if page == PAGES[0]:
        assert [re.sub("[`(].*", "", meaning) for _, meaning in headings] == [
            re.sub("[`(].*", "", meaning) for meaning in CODES.values()
        ]


@pytest.mark.parametrize("code", CODES)
def test_an_example_is_printed_word_by_word(
    code: str, nlpx: Nlpx, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    now = printed(code, lambda *words: nlpx(*words).err)
    assert f"error {code}: " in now
    for page in PAGES:
        assert EXAMPLES[page][code] == now, page


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_code_is_explained_without_the_page(language: str, nlpx: Nlpx) -> None:
    """`nlpx describe error/C105` prints what the page has, and messages name this command."""
    page = (ROOT / PAGES[language == "zh"]).read_text(encoding="utf-8")
    for code in CODES:
        found = explanation(code, language)
        assert f"{found.title}\n\n```text\n{found.example}\n```\n\n{found.advice}\n" in page
        assert found.advice
    shown = nlpx("describe", "error/c105", "--lang", language).out
    assert shown.startswith(
        f"C105: {explanation('C105', language).title}\n\n    mine.yaml:2:17: error C105: "
    )
    assert json.loads(nlpx("describe", "error/C105", "--lang", language, "--json").out)["title"] in shown


def test_the_language_is_that_of_the_terminal(nlpx: Nlpx, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NLPX_LANG", "LC_ALL", "LC_MESSAGES"):
        monkeypatch.delenv(name, raising=False)
    for value, title in (("zh_CN.UTF-8", "数值超出范围"), ("C.UTF-8", "a value out of range")):
        monkeypatch.setenv("LANG", value)
        assert title in nlpx("describe", "error/C105").out
    monkeypatch.setenv("NLPX_LANG", "de")
    assert nlpx("describe", "error/C105").err == "error: $NLPX_LANG is 'de'. Expected zh or en.\n"


def test_messages_name_the_command_that_explains_them(
    nlpx: Nlpx, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("mine.yaml").write_text("task: couplet\ntrian: 1\n", encoding="utf-8")
    for command in ("check", "train"):
        assert nlpx(command, "mine.yaml").err.endswith("nlpx describe error/C101 explains C101\n")
    assert (
        nlpx("describe", "error/C999").err == "error: there is no error C999; nlpx check --codes lists all.\n"
    )
    assert "did you mean C" in nlpx("describe", "error/C10").err


def test_help_names_the_page(nlpx: Nlpx) -> None:
    assert PAGES[0] in nlpx("check", "--help").out
