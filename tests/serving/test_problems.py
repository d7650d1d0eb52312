"""What the page says in the language of the reader about problems that predictors describe in English."""

from __future__ import annotations

import re
from importlib.resources import files
from types import SimpleNamespace

import pytest

from nlpx.tasks.poem.predictor import PoemPredictor

MODEL = SimpleNamespace(_length=10, _normalize=str, _characters={*"春风送草堂小童锁高台"})
"""What a predictor knows of its model when it looks at a text."""
WHOLE = "春风送草堂小童锁高台"


@pytest.mark.parametrize(
    ("parts", "key"),
    [
        (["龙"], "verse_unknown"),
        ([WHOLE + "春"], "verse_long"),
        ([""], "verse_empty"),
        ([WHOLE, "春风"], "verse_between"),
        ([WHOLE, WHOLE, WHOLE], "verse_between"),
    ],
)
def test_the_page_knows_what_is_wrong_with_a_verse(parts: list[str], key: str) -> None:
    script = files("nlpx.serving").joinpath("web", "poem.js").read_text("utf-8")
    known = re.findall(r"^  \[/(.+)/, \"(\w+)\"\],$", script, re.MULTILINE)
    assert len(known) == 4
    problem = PoemPredictor._problem_with(MODEL, parts)  # type: ignore[arg-type]  # only what it reads
    assert problem is not None
    assert [name for pattern, name in known if re.search(pattern, problem)] == [key]
