"""Generated pages: a text without Chinese, Chinese of no text, and a number that is lost, are reported."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from nlpx.core.component import Registry, builtin_registry
from tests.docs.conftest import Program


@pytest.fixture
def generate(program: Program) -> Any:
    return program("generate")


def test_every_component_has_its_chinese(generate: Any) -> None:
    assert generate.main(["--check"]) == 0


def test_a_component_without_chinese_is_reported(generate: Any) -> None:
    one = Registry([builtin_registry().find("loss", "focal")])
    texts = generate.Chinese(
        {"Cross entropy times a power of 1 - p(target).": "交叉熵乘以 p(target) 的幂。", "Gone.": "无"}
    )
    page = generate.reference(one, generate.chinese(texts))
    assert "### loss/focal\n\n交叉熵" in page and "| 选项 | 取值 |" in page
    missing, lost, unused = list(texts.problems())[-3:]
    assert missing.startswith("docs/chinese has no Chinese of: classes are not weighted")
    assert lost == "docs/chinese lacks 1 in: 交叉熵乘以 p(target) 的幂。"
    assert unused == "docs/chinese has a text that is not used any more: Gone."


def test_every_part_of_a_component_is_translated(generate: Any) -> None:
    texts = generate.Chinese(
        {"x is an image.": "x 是图片。", "L = mean of f(x), with x from X": "L = mean f(x)"}
    )
    formula = "L = mean of f(x), with x from X\n  y = W x_i\nx is an\nimage.\nThe rest is left."
    assert texts.formula(formula) == "L = mean f(x)\n  y = W x_i\nx is an image. The rest is left."
    assert texts.shapes("(B, units) -> (B, *outputs).") == "(B, units) -> (B, *outputs)."
    assert texts.shapes("ids (B, T).") == "ids (B, T)."
    cited = "Li and Wu 2016, arXiv 1510.03055; keras.optimizers.Adam; kexue.fm archives 51 and 53; the mean: Li 2017."
    assert texts.reference(cited).split("；") == [
        "Li and Wu 2016, arXiv 1510.03055", "keras.optimizers.Adam", "kexue.fm 51、53 号文章", "the mean: Li 2017。",
    ]  # fmt: skip
    assert list(texts.missing) == ["x is an image. The rest is left.", "ids (B, T).", "the mean: Li 2017"]


def test_two_chinese_texts_of_one_are_an_error(generate: Any, tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("- {en: a, zh: 甲}\n- {en: a, zh: 乙}\n", encoding="utf-8")
    with pytest.raises(ValueError, match="two Chinese texts of 'a'"):
        generate.Chinese.read(tmp_path)


def test_numbers_are_compared_by_value(program: Program) -> None:
    numbers = program("translated").numbers
    assert numbers("10 million of 3,062, 0.5") == numbers("1000 万，3062，.5") == {"10000000", "3062", "0.5"}


def test_types_are_translated(generate: Any) -> None:
    said = {
        "list of integer >= 1 or null": "整数 >= 1 的列表 或 null",
        "number >= 0 and < 1": "数 >= 0 且 < 1",
        "mapping to string": "值为字符串的映射",
    }
    assert {english: generate.type_text(english) for english in said} == said
