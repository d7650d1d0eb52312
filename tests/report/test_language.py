"""Reports in Chinese: every sentence has a translation, and none stays in English."""

from __future__ import annotations

import ast
import re
import string
from collections.abc import Iterator
from pathlib import Path

import pytest

from nlpx.cli.main import run as nlpx
from nlpx.components.metrics.base import Metric
from nlpx.core.component import builtin_registry
from nlpx.core.language import LOCALE, VARIABLE, preferred
from nlpx.report.chinese import SENTENCES
from nlpx.report.chinese_terms import TERMS
from nlpx.report.comparison import comparison
from nlpx.report.language import phrase, translated, written_in
from nlpx.report.page import report
from nlpx.report.sections.cases import SHAPES
from nlpx.report.written import write_report
from nlpx.runs.directory import RunDirectory
from nlpx.specs.document import documentation
from nlpx.specs.experiment import Experiment
from tests.report.pages import Page
from tests.runs.making import couplet, make_run

NLPX = Path(__file__).parents[2] / "nlpx"
SAID = {"phrase", "section", "Filled"}
ENGLISH = re.compile(r"[a-z]{2,},? [a-z]{2,}(?: [a-z]{2,})+")
"""Three words in a row, which no name, value or command has."""
CODE = re.compile("nlpx [a-z]+ |/")


def sentences() -> Iterator[str]:
    """The sentences that the code of reports, and what it quotes, says."""
    for path in [*(NLPX / "report").rglob("*.py"), NLPX / "runs/compare.py", NLPX / "workflow/measured.py"]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in SAID:
                first = node.args[0]
                if isinstance(first, ast.Constant) and isinstance(first.value, str):
                    yield first.value


def test_every_sentence_has_a_translation_with_the_same_values() -> None:
    said = {*sentences()}
    assert len(said) > 80
    assert said <= SENTENCES.keys()
    for english, chinese in SENTENCES.items():
        names = [
            sorted(name for _, name, _, _ in string.Formatter().parse(text) if name)
            for text in (english, chinese)
        ]
        assert names[0] == names[1], english
    headings = {heading for _, _, header in SHAPES for heading in header}
    assert headings <= SENTENCES.keys()


def test_translations_of_summaries_are_those_of_today() -> None:
    kinds = [
        entry.component for entry in builtin_registry() if issubclass(entry.component, (Experiment, Metric))
    ]
    summaries = {documentation(kind).summary for kind in kinds}
    listed = {text for text in TERMS if text.endswith(".")}
    assert listed <= summaries, "a summary has changed: change it in nlpx/report/chinese_terms.py, too"
    with written_in("zh"):
        assert translated("Tasks of a plugin stay as they are.") == "Tasks of a plugin stay as they are."


def test_no_english_remains(finished: Path, tmp_path: Path) -> None:
    bare = make_run(tmp_path, "bare", experiment=couplet(), valid={100: 4.0}, best=100)
    runs = [RunDirectory.open(path) for path in sorted(finished.glob("*/tiny"))]
    assert len(runs) == 2
    texts = {str(run.path): report(run, language="zh") for run in [*runs, bare]}
    texts["comparison"] = comparison(
        [bare, make_run(tmp_path, "other", valid={9: 1.0}, test={"nll": 1.0})], language="zh"
    )
    for where, text in texts.items():
        page = Page(text)
        assert ("html", {"lang": "zh-CN"}) in page.tags
        hints = [str(attributes.get("title") or "") for _, attributes in page.tags]
        left = [part for part in [*page.words, *hints] if ENGLISH.search(part) and not CODE.search(part)]
        assert left == [], where
    assert Page(texts[str(bare.path)]).said("还没有评测。执行评测：nlpx eval")


@pytest.mark.parametrize(
    ("own", "locale", "expected"),
    [
        ("", "", "en"),
        ("", "zh_CN.UTF-8", "zh"),
        ("", "C.UTF-8", "en"),
        ("en", "zh_CN.UTF-8", "en"),
        ("zh", "", "zh"),
    ],
)
def test_the_language_of_the_terminal_is_used(
    monkeypatch: pytest.MonkeyPatch, own: str, locale: str, expected: str
) -> None:
    for name, value in {**dict.fromkeys(LOCALE, ""), VARIABLE: own, "LANG": locale}.items():
        monkeypatch.setenv(name, value)
    assert preferred() == expected


def test_the_option_decides(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run = make_run(tmp_path, valid={100: 4.0}, best=100)
    monkeypatch.setenv(VARIABLE, "french")
    assert nlpx(["report", str(run.path)]) == 2
    assert "$NLPX_LANG is 'french'. Expected zh or en." in capsys.readouterr().err
    for language, heading in {"zh": "训练曲线", "en": "Curves"}.items():
        assert nlpx(["report", str(run.path), "--lang", language]) == 0
        page = Page(run.report.read_text(encoding="utf-8"))
        assert page.said(heading)
    assert phrase("Curves") == "Curves"


def test_the_report_of_a_training_run_is_in_the_language_of_the_terminal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = make_run(tmp_path, valid={100: 4.0}, best=100)
    monkeypatch.delenv("NLPX_REPORT")
    said: list[str] = []
    for language in ("zh", "klingon"):
        monkeypatch.setenv(VARIABLE, language)
        write_report(run, said.append)
    assert said == [f"report {run.report}", "no report: $NLPX_LANG is 'klingon'. Expected zh or en."]
    assert Page(run.report.read_text(encoding="utf-8")).said("训练曲线")
