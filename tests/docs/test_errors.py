"""The page about errors has every code, with an example as nlpx prints it today."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

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


def test_help_names_the_page(nlpx: Nlpx) -> None:
    assert PAGES[0] in nlpx("check", "--help").out
