"""Formulas of docstrings become MathML; a text that the notation does not have is refused."""

from __future__ import annotations

import re
from typing import Any
from xml.etree import ElementTree

import pytest

from nlpx.core.component import builtin_registry
from nlpx.specs.document import documentation
from tests.docs.conftest import Program
from tests.docs.pages import Block, markdown_pages, read


@pytest.fixture
def formulas(program: Program) -> Any:
    return program("formulas")


def test_every_formula_is_read(formulas: Any) -> None:
    found = 0
    for entry in builtin_registry():
        text = documentation(entry.component).formula
        if text:
            html = formulas.html(text).replace("&nbsp;", " ")
            found += len(ElementTree.fromstring(html).findall(".//math"))
            words = re.sub(r"<[^>]+>", "", html)
            assert "^" not in words and "sum_" not in words, (entry.kind, entry.name)
    assert found > 200


def test_every_formula_of_pages_is_read(formulas: Any) -> None:
    found = set()
    for page in markdown_pages():
        for block in read(page):
            if isinstance(block, Block) and block.language == "formula":
                html = formulas.html(block.text)
                assert "，" not in re.sub("<p>.*?</p>", "", html), block.where
                found.add(page)
    assert found >= {"docs/components.zh-CN.md", "docs/dogs.md", "docs/gan.zh-CN.md", "docs/linking.zh-CN.md"}


@pytest.mark.parametrize(
    ("text", "structure"),
    [
        ("beta_1^t", "msup(msub(mi=β mn=1) mi=t)"),
        ("a b / c d", "mfrac(mi=a mi=b mi=c) mi=d"),
        ("(a + b) / 2", "mfrac(mi=a mo=+ mi=b mn=2)"),
        ("1 / a / b", "mfrac(mfrac(mn=1 mi=a) mi=b)"),
        ("sum_(i != t) x_i", "munder(mo=∑ mi=i mo=≠ mi=t) msub(mi=x mi=i)"),
        ("p(y_t+1 | x)", "mi=p mo=( msub(mi=y mi=t mo=+ mn=1) mo=| mi=x mo=)"),
        ("|a|^2", "msup(mo=| mi=a mo=| mn=2)"),
        ("<u, v>", "mo=⟨ mi=u mo=, mi=v mo=⟩"),
        ("e^-D(x)", "msup(mi=e mo=− mi=D mo=( mi=x mo=))"),
        ("2 correct / all", "mfrac(mn=2 mtext=correct mtext=all)"),
        ("free_bits", "mi=free_bits"),
        ("{i in P}", "mo={ mi=i mo=∈ mi=P mo=}"),
        ("d = text", "mi=d mo== mtext=text"),
        ("2 正确数 / (预测数 + n)", "mfrac(mn=2 mtext=正确数 mtext=预测数 mo=+ mi=n)"),
        ("α = γ² / (1 + λ γ / 2)", "mi=α mo== mfrac(msup(mi=γ mn=2) mn=1 mo=+ mfrac(mi=λ mi=γ mn=2))"),
    ],
)
def test_notation(formulas: Any, text: str, structure: str) -> None:
    html = formulas.formula(text).replace("&nbsp;", " ")
    assert " ".join(_shown(ElementTree.fromstring(f"<mrow>{html}</mrow>"))) == structure


def _shown(node: ElementTree.Element) -> list[str]:
    """The parts of a node: `mi=x`, `mfrac(...)`; rows and spaces are left out."""
    found = []
    for child in node:
        inner = _shown(child)
        if child.tag == "mrow":
            found += inner
        elif len(child):
            found.append(f"{child.tag}({' '.join(inner)})")
        elif child.text:
            found.append(f"{child.tag}={child.text.strip()}")
    return found


@pytest.mark.parametrize("text", ["(a", "a)", "/ 2", "a + €", "|a"])
def test_what_is_no_formula_is_refused(formulas: Any, text: str) -> None:
    with pytest.raises(formulas.NotAFormula):
        formulas.formula(text)


def test_sentences_stay_sentences(formulas: Any) -> None:
    html = formulas.html("L = x^2\n\nThe norm of x_i is\nused with `rate`; a < 0 & b.")
    assert html.count("<p>") == 1 and "<code>rate</code>" in html and "&lt; 0 &amp;" in html
    assert "<p>The norm of <math><mrow><msub>" in html


def test_chinese_sentences_stay_sentences(formulas: Any) -> None:
    html = formulas.html("L = x^2\n其中 a 是x_i的范数，g_m^2，不小于 0。")
    assert html.count("<p>") == 1 and html.count("<div>") == 1
    assert "<p>其中 <math><mrow><mi>a</mi></mrow></math> 是<math><mrow><msub>" in html
    assert "</math>，不小于 0。</p>" in html
    assert "<p>两行，一句。</p>" in formulas.html("两行，\n一句。")
