"""Maps of attention: the numbers of the model, in the report and in the bundle."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import numpy as np
import pytest

from nlpx.report.attention import WIDE, attention_map
from nlpx.specs.predictor import AttentionMap

SVG = "{http://www.w3.org/2000/svg}"


def test_a_map_has_a_square_for_each_pair_of_tokens() -> None:
    weights = np.array([[0.5, 0.25, 0.25], [0.0, 0.0, 1.0]], np.float32)
    root = ElementTree.fromstring(attention_map("<标题>", AttentionMap("春<山", "秋月", weights)))
    _, *squares = root.iter(f"{SVG}rect")
    hints = [square.findtext(f"{SVG}title") for square in squares]
    assert sorted(filter(None, hints)) == sorted(
        [
            "秋 → 春: 50.0%",
            "秋 → <: 25.0%",
            "秋 → 山: 25.0%",
            "月 → 春: 0.0%",
            "月 → <: 0.0%",
            "月 → 山: 100.0%",
        ]
    )
    colours = dict(zip(hints, (square.attrib["fill"] for square in squares), strict=True))
    assert colours["月 → 山: 100.0%"] == "rgb(31,111,180)"
    assert colours["月 → 春: 0.0%"] == "rgb(255,255,255)"
    assert {"<标题>", "春", "<", "山", "秋", "月"} <= {text.text for text in root.iter(f"{SVG}text")}


@pytest.mark.parametrize("length", [1, WIDE, 3 * WIDE + 1])
def test_long_texts_are_continued_below(length: int) -> None:
    weights = np.full((1, length), 1 / length, np.float32)
    root = ElementTree.fromstring(
        attention_map("t", AttentionMap(["词语"] + ["字"] * (length - 1), (), weights))
    )
    _, *squares = root.iter(f"{SVG}rect")
    assert len(squares) == length
    rows = {square.attrib["y"] for square in squares}
    assert len(rows) == -(-length // WIDE)
    widest = max(float(square.attrib["x"]) + float(square.attrib["width"]) for square in squares)
    assert widest <= float(re.sub("px", "", root.attrib["width"]))
    assert [text.text for text in root.iter(f"{SVG}text")].count("全文") == len(rows)
